import { type CommandNode, completedBy, flat, type KnownWords, type OptionNode } from '../tree.ts'
import { placeOf, placesBelow, takers } from './shell.ts'

/** The completion of fish. */
export function fish(root: CommandNode, known: KnownWords): string {
  const lines = flat(root).flatMap((node) => [
    ...node.commands.map(({ path, summary }) => line(node, `-a ${quoted(path.at(-1) ?? '')} -d ${quoted(summary)}`)),
    ...node.options.map((option) => line(node, optionFlags(option, known))),
    ...node.arguments.slice(0, 1).flatMap((argument) => {
      const completed = completedBy(argument, known)
      if (completed === 'files') return [line(node, '-F')]
      return completed === 'nothing' ? [] : [line(node, `-a ${quoted(completed.words.join(' '))}`)]
    }),
  ])
  return `# fish completion of latchkey: latchkey completion fish | source
function __latchkey_place
    set -l place latchkey
    set -l skipped no
    for word in (commandline -opc)[2..]
        if test $skipped = yes
            set skipped no
            continue
        end
        switch "$place $word"
            case ${placesBelow(root).map(quoted).join(' ')}
                set place "$place $word"
            case ${takers(root).map(quoted).join(' ')}
                set skipped yes
        end
    end
    echo $place
end
complete -c latchkey -f
${lines.join('\n')}
`
}

const line = (node: CommandNode, rest: string): string =>
  `complete -c latchkey -n ${quoted(`test (__latchkey_place) = "${placeOf(node)}"`)} ${rest}`

function optionFlags({ short, long, description, value }: OptionNode, known: KnownWords): string {
  const names = [short && `-s ${short.slice(1)}`, long && `-l ${long.slice(2)}`].filter(Boolean).join(' ')
  const completed = value && completedBy(value, known)
  const values = typeof completed === 'object' ? ` -a ${quoted(completed.words.join(' '))}` : ''
  const takes = value === undefined ? '' : completed === 'files' ? ' -r -F' : ` -x${values}`
  return `${names}${takes} -d ${quoted(description)}`
}

/** fish knows its own escapes within single quotes. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
