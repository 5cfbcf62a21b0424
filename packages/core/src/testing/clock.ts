import type { Clock } from '../clock.ts'

/** Time that only a test moves. */
export interface TestClock extends Clock {
  /** Moves time on, by seconds. */
  advance(seconds: number): void
}

/** Starts at the real time, to the whole second, and stands still. */
export function testClock(): TestClock {
  let now = Math.floor(Date.now() / 1000) * 1000
  return {
    now: () => new Date(now),
    sql: () => new Date(now),
    advance(seconds) {
      now += seconds * 1000
    },
  }
}
