/** Time, as the domain reads it. Tests move it; nothing sleeps. */
export interface Clock {
  /** This process's time: what checks the `exp` of an access token. */
  now(): Date
  /** What statements compare with and stamp: a fixed time, or null for the database's own clock. */
  sql(): Date | null
}

/** Real time: the process's own for tokens, the database's for rows, so that instances need not agree. */
export const systemClock: Clock = {
  now: () => new Date(),
  sql: () => null,
}
