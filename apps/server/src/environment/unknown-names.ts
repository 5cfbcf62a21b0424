import { nearest } from '../nearest.ts'

const PREFIX = 'LATCHKEY_'

/** Names that only tests of ours read. */
const TESTS = 'LATCHKEY_TEST_'

/** A sentence for each `LATCHKEY_…` that nobody reads: most often a slip, which would go unseen. */
export function unknownNames(given: Iterable<string>, known: readonly string[]): string[] {
  return [...given]
    .filter((name) => name.startsWith(PREFIX) && !name.startsWith(TESTS) && !known.includes(name))
    .map((name) => {
      const near = nearest(name, known, Math.max(2, Math.floor((name.length - PREFIX.length) / 4)))
      return `${name} is not a variable of Latchkey${near === undefined ? '' : `; is it meant to be ${near}?`}`
    })
}
