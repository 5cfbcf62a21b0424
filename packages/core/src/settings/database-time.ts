import type { Clock } from '../clock.ts'

/** The database's time, as this process knows it without asking. */
export interface DatabaseTime {
  now(): Date
  /**
   * Takes note of a time that the database told.
   *
   * @param askedAt `performance.now()` before it was asked: so this runs ahead by a round trip rather than behind, and
   * nothing is in force here for longer than it should be
   */
  observe(told: Date, askedAt: number): void
}

/** Begins with the process's own time. */
export function createDatabaseTime(clock: Clock): DatabaseTime {
  // A clock that somebody sets anew moves Date.now(), never performance.now().
  let offset = Date.now() - performance.now()
  return {
    now: () => clock.sql() ?? new Date(performance.now() + offset),
    observe(told, askedAt) {
      offset = told.getTime() - askedAt
    },
  }
}
