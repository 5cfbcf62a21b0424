/** Numbers that look random and are the same for the same seed, so that a run that failed can be had again. */
export interface Random {
  /** From 0, included, to 1, not included. */
  next(): number
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number
  /** Whether something that happens with this probability does. */
  chance(probability: number): boolean
  pick<T>(from: readonly T[]): T
  /** In another order. */
  shuffle<T>(from: readonly T[]): T[]
  /** Numbers of its own for somebody else, whoever draws how many. */
  fork(): Random
}

/** Starts at a seed (mulberry32: 32 bits of state are enough to choose what to break next). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick(from) {
      const one = from[between(0, from.length - 1)]
      if (one === undefined) throw new Error('nothing to pick from')
      return one
    },
    shuffle: (from) =>
      from
        .map((one) => ({ one, at: next() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ one }) => one),
    fork: () => createRandom(between(0, 2 ** 32 - 1)),
  }
}
