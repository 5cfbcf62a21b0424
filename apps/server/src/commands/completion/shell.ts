import { type CommandNode, flat, type OptionNode } from '../tree.ts'

/** A text in single quotes, for bash and zsh. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Where a command stands: its whole path, as the scripts keep it while they walk along a line. */
export const placeOf = ({ path }: CommandNode): string => path.join(' ')

/** The places of all commands but the program itself. */
export const placesBelow = (root: CommandNode): string[] => flat(root).slice(1).map(placeOf)

/** Every option that takes a value, behind the place where it stands: what comes after it is no command. */
export const takers = (root: CommandNode): string[] =>
  flat(root).flatMap((node) =>
    node.options.flatMap((option) => (option.value ? namesOf(option).map((name) => `${placeOf(node)} ${name}`) : [])),
  )

/** As it is written: `-n`, `--limit`. */
export const namesOf = ({ short, long }: OptionNode): string[] => [short, long].filter((name) => name !== undefined)
