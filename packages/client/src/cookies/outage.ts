/** Seconds after which the server is asked again, at first and at the most. */
const PAUSE_MIN = 1
const PAUSE_MAX = 30
/** The longest that somebody else may ask for, in seconds: a proxy knows nothing of us. */
const ASKED_MAX = 600
/** Seconds for which nobody else asks while one tries whether the server is back. */
const TRIAL = 4

/** Keeps all requests of this process from asking a server that is away. */
export interface Outage {
  /** Asks whether to ask the server. While it is away one at a time may, to try whether it is back. */
  enter(): Admission
}

/** See {@link Outage}. */
export type Admission =
  | { go: false /** Whole seconds. */; waitSeconds: number }
  | {
      go: true
      /** Whether this is to try whether the server is back. */
      isTrial: boolean
      /** It answered. */
      answered(): void
      /** It could not be reached, or could not answer; it may have said how long to wait. */
      failed(retryAfter: number | undefined): void
    }

/** Begins without an outage. Its pauses grow, and no two processes have the same. */
export function createOutage(): Outage {
  let failures = 0
  let until = 0
  const now = () => performance.now() / 1000

  return {
    enter() {
      const waitSeconds = Math.ceil(until - now())
      if (failures > 0 && waitSeconds > 0) return { go: false, waitSeconds }
      const before = failures
      if (before > 0) until = now() + TRIAL
      return {
        go: true,
        isTrial: before > 0,
        answered() {
          failures = 0
        },
        failed(retryAfter = 0) {
          // A hundred requests that were under way are one failure.
          if (failures !== before) return
          const pause = Math.min(PAUSE_MAX, PAUSE_MIN * 2 ** failures++) * (0.5 + Math.random() / 2)
          until = now() + Math.max(pause, Math.min(retryAfter, ASKED_MAX))
        },
      }
    },
  }
}
