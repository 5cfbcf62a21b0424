import { type CommandNode, completedBy, flat, type KnownWords, type Values } from '../tree.ts'
import { namesOf, optionsWithValues, placeOf, placesBelow, quoted, takers } from './shell.ts'

/** The completion of zsh: as that of bash, and it says what each word means. */
export function zsh(root: CommandNode, known: KnownWords): string {
  const nodes = flat(root)
  const ofOptions = optionsWithValues(root).map(({ places, value }) => clause(places, offer(value, known)))
  const options = nodes.map((node) =>
    clause(
      [placeOf(node)],
      described(
        'option',
        node.options.flatMap((option) => namesOf(option).map((name) => [name, option.description])),
      ),
    ),
  )
  const operands = nodes.map((node) => {
    const [argument] = node.arguments
    const commands = node.commands.map(({ path, summary }): [string, string] => [path.at(-1) ?? '', summary])
    return clause([placeOf(node)], argument === undefined ? described('command', commands) : offer(argument, known))
  })
  return `#compdef latchkey
# zsh completion of latchkey: source <(latchkey completion zsh), after compinit
_latchkey() {
  local place=latchkey word index
  local -a offered
  for ((index = 2; index < CURRENT; index++)); do
    word=$words[index]
    case "$place $word" in
      (${patterns(placesBelow(root))}) place="$place $word" ;;
      (${patterns(takers(root))}) ((index + 1 < CURRENT)) && ((index++)) ;;
    esac
  done
  case "$place $words[CURRENT-1]" in
${ofOptions.join('\n')}
  esac
  if [[ $words[CURRENT] == -* ]]; then
    case "$place" in
${options.join('\n')}
    esac
    return
  fi
  case "$place" in
${operands.join('\n')}
  esac
}
compdef _latchkey latchkey
`
}

function offer(values: Values, known: KnownWords): string {
  const completed = completedBy(values, known)
  if (completed === 'files') return '_files'
  if (completed === 'nothing' || completed.words.length === 0) return ':'
  // After NAME= comes the value, without a blank.
  const suffix = completed.words.every((word) => word.endsWith('=')) ? "-S '' " : ''
  return `compadd ${suffix}-- ${completed.words.map(quoted).join(' ')}`
}

function described(what: string, pairs: [string, string][]): string {
  if (pairs.length === 0) return ':'
  const items = pairs.map(([word, meaning]) => quoted(`${word}:${meaning}`))
  return `offered=(${items.join(' ')}); _describe ${what} offered`
}

const patterns = (texts: string[]): string => texts.map(quoted).join(' | ')

const clause = (texts: string[], then: string): string => `      (${patterns(texts)}) ${then}; return ;;`
