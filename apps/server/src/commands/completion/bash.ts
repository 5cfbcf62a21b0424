import { type CommandNode, completedBy, flat, type KnownWords, type Values } from '../tree.ts'
import { namesOf, optionsWithValues, placeOf, placesBelow, quoted, takers } from './shell.ts'

/** The completion of bash: walks along the line to where it is, then offers what may stand there. */
export function bash(root: CommandNode, known: KnownWords): string {
  const nodes = flat(root)
  const ofOptions = optionsWithValues(root).map(({ places, value }) => clause(places, offer(value, known)))
  const options = nodes.map((node) => clause([placeOf(node)], words(node.options.flatMap(namesOf))))
  const operands = nodes.map((node) => {
    const [argument] = node.arguments
    const offered =
      argument === undefined ? words(node.commands.map(({ path }) => path.at(-1) ?? '')) : offer(argument, known)
    return clause([placeOf(node)], offered)
  })
  return `# bash completion of latchkey: source <(latchkey completion bash)
_latchkey() {
  local current=\${COMP_WORDS[COMP_CWORD]} place=latchkey word index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case "$place $word" in
      ${patterns(placesBelow(root))}) place="$place $word" ;;
      ${patterns(takers(root))}) [[ $((index + 1)) -lt $COMP_CWORD ]] && ((index++)) ;;
    esac
  done
  # The value after NAME= is a word of its own for bash, and nobody knows it.
  [[ $current == = || \${COMP_WORDS[COMP_CWORD - 1]} == = ]] && return
  case "$place \${COMP_WORDS[COMP_CWORD - 1]}" in
${ofOptions.join('\n')}
  esac
  if [[ $current == -* ]]; then
    case "$place" in
${options.join('\n')}
    esac
    return
  fi
  case "$place" in
${operands.join('\n')}
  esac
}
_latchkey_words() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
  [[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -F _latchkey latchkey
`
}

function offer(values: Values, known: KnownWords): string {
  const completed = completedBy(values, known)
  if (completed === 'files') return 'compopt -o default'
  return completed === 'nothing' ? ':' : words(completed.words)
}

const words = (list: readonly string[]): string =>
  list.length === 0 ? ':' : `_latchkey_words ${quoted(list.join(' '))}`

const patterns = (texts: string[]): string => texts.map(quoted).join(' | ')

const clause = (texts: string[], then: string): string => `      ${patterns(texts)}) ${then}; return ;;`
