const PREFIX = 'LATCHKEY_'

/** Names that only tests of ours read. */
const TESTS = 'LATCHKEY_TEST_'

/** A sentence for each `LATCHKEY_…` that nobody reads: most often a slip, which would go unseen. */
export function unknownNames(given: Iterable<string>, known: readonly string[]): string[] {
  return [...given]
    .filter((name) => name.startsWith(PREFIX) && !name.startsWith(TESTS) && !known.includes(name))
    .map((name) => {
      const near = nearest(name, known)
      return `${name} is not a variable of Latchkey${near === undefined ? '' : `; is it meant to be ${near}?`}`
    })
}

/** The known name that is a few keystrokes away, if one is. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor((name.length - PREFIX.length) / 4))
  const near = known.map((each) => ({ each, steps: distance(name, each) })).filter(({ steps }) => steps <= limit)
  return near.toSorted((a, b) => a.steps - b.steps)[0]?.each
}

/** Levenshtein's distance: insertions, deletions and replacements of a character. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const line = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      line.push(Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1))
    }
    above = line
  }
  return above[b.length] ?? 0
}
