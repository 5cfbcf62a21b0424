import type { Environment } from './environment.ts'
import type { LatchkeyError } from './errors.ts'
import type { Pause } from './record.ts'

/** The first pause, in milliseconds; each is twice as long as the one before. */
const FIRST = 1000
/** The longest, in milliseconds. A server that comes back is found by then. */
const LONGEST = 30_000
/** The longest that somebody else may ask for: a captive portal knows nothing of us. */
const LONGEST_ASKED = 600_000

/** The pause after a failure. It lies with the session, so that all tabs keep it, and a reload does not end it. */
export function pauseAfter(error: LatchkeyError, before: Pause | null, environment: Environment): Pause {
  const failures = (before?.failures ?? 0) + 1
  const growing = Math.min(FIRST * 2 ** (failures - 1), LONGEST)
  const asked = Math.min((error.retryAfter ?? 0) * 1000, LONGEST_ASKED)
  // Half of it by chance, and never less than asked for: who was turned away at once shall not come back at once.
  const milliseconds = Math.max(growing / 2, asked) + (environment.random() * growing) / 2
  return { at: environment.wallClock(), milliseconds, failures, code: error.code }
}

/** Milliseconds until a pause is over; 0 when it is, also because the clock was set back since. */
export function pauseLeft({ at, milliseconds }: Pause, environment: Environment): number {
  const elapsed = environment.wallClock() - at
  return elapsed < 0 ? 0 : Math.max(0, milliseconds - elapsed)
}
