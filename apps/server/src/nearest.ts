/**
 * The known name that is a few keystrokes away, if one is.
 *
 * @param steps how many at most; by default what one may mistype in a name of that length
 */
export function nearest(
  name: string,
  known: readonly string[],
  steps: number = Math.max(2, Math.floor(name.length / 4)),
): string | undefined {
  const near = known.map((each) => ({ each, steps: distance(name, each) })).filter((each) => each.steps <= steps)
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
