/** What became of a refresh. */
export type RefreshOutcome = 'rotated' | 'converged' | 'late' | 'replayed' | 'unknown'

/**
 * Hears of what happens inside: for metrics, traces and the log lines of slow requests. All times are in milliseconds. It is
 * called on the hot path: whatever it does has to be cheap, and must not throw.
 */
export interface Observer {
  /** A statement was answered, or has failed. Of a batch it is one, in the context of whoever came first. */
  statement(name: string, ms: number, failed: boolean): void
  /** A statement or a transaction has waited for a connection. */
  connection(ms: number): void
  /** Whoever asked has waited for the answer of a batch; called in the context of each. */
  answered(name: string, ms: number): void
  /** A batch goes out: what it is for, and how many it carries. */
  batch(name: string, size: number): void
  /** A password was hashed or checked: how long it had to wait for that, and how long it took. */
  hash(waitMs: number, ms: number): void
  refreshed(outcome: RefreshOutcome): void
  loggedIn(outcome: 'succeeded' | 'failed'): void
  /** A limit has refused somebody: its name. */
  limited(limit: string): void
}

/** Hears nothing. */
export const NOBODY: Observer = {
  statement() {},
  connection() {},
  answered() {},
  batch() {},
  hash() {},
  refreshed() {},
  loggedIn() {},
  limited() {},
}
