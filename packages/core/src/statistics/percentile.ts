import { TIME_BOUNDS_MS } from './counters.ts'

/**
 * The time that this share of the answers took at most, in milliseconds. Within its bucket the answers are taken to lie
 * evenly. What took longer than the last bound counts as that bound: how much longer is not known.
 *
 * @param counts by bucket, those without answers may be missing
 * @param share between 0 and 1
 */
export function percentileMs(counts: readonly (number | undefined)[], share: number): number {
  const rank = share * counts.reduce<number>((sum, count = 0) => sum + count, 0)
  let below = 0
  for (const [bucket, bound] of TIME_BOUNDS_MS.entries()) {
    const count = counts[bucket] ?? 0
    if (count > 0 && below + count >= rank) {
      const lower = TIME_BOUNDS_MS[bucket - 1] ?? 0
      return Math.round((lower + (bound - lower) * ((rank - below) / count)) * 100) / 100
    }
    below += count
  }
  return below === 0 && rank === 0 ? 0 : (TIME_BOUNDS_MS[TIME_BOUNDS_MS.length - 1] ?? 0)
}
