import { type CommandNode, flat, type OptionNode, type Values } from '../tree.ts'

/** A text in single quotes, for bash and zsh. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Where a command stands: its whole path, as the scripts keep it while they walk along a line. */
export const placeOf = ({ path }: CommandNode): string => path.join(' ')

/** The places of all commands but the program itself. */
export const placesBelow = (root: CommandNode): string[] => flat(root).slice(1).map(placeOf)

/** Every option that takes a value: behind which places it stands, as `latchkey user list --limit`, and what it takes. */
export const optionsWithValues = (root: CommandNode): { places: string[]; value: Values }[] =>
  flat(root).flatMap((node) =>
    node.options.flatMap((option) =>
      option.value === undefined
        ? []
        : [{ places: namesOf(option).map((name) => `${placeOf(node)} ${name}`), value: option.value }],
    ),
  )

/** The places of options after which comes a value, and no command. */
export const takers = (root: CommandNode): string[] => optionsWithValues(root).flatMap(({ places }) => places)

/** As it is written: `-n`, `--limit`. */
export const namesOf = ({ short, long }: OptionNode): string[] => [short, long].filter((name) => name !== undefined)
