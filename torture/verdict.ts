/** What is promised, whatever breaks. */
export const INVARIANTS = {
  'no-write-lost': 'What was answered with success is there afterwards.',
  'no-honest-logout': 'Whoever keeps to the rules is never logged out.',
  'one-live-token':
    'A session has one refresh token that can be exchanged, and all who present its parent get that one.',
  'ended-stays-ended': 'A session that has ended never comes back.',
  'theft-ends-session': 'A replayed refresh token ends its session.',
  'only-told-faults': 'What cannot be answered is a 503; a 401 is the verdict of the database, and a 500 never comes.',
  'back-in-time': 'Whoever could not serve is ready again in 5 s.',
  bounded: 'Memory stays below 512 MiB a process, and tables at their size.',
  'no-request-lost-in-restarts': 'While servers are restarted one by one no request fails.',
} as const

/** One of {@link INVARIANTS}. */
export type Invariant = keyof typeof INVARIANTS

/** A promise that was broken. */
export interface Violation {
  invariant: Invariant
  /** What was being broken at the time. */
  during: string
  detail: string
  /** What the client concerned did and was told, the latest last. */
  history: string[]
}

/** Collects what was broken. */
export interface Verdict {
  readonly violations: Violation[]
  /** What is being broken just now. */
  during: string
  /** Aborted with the first violation: nothing that comes after it says more. */
  readonly over: AbortSignal
  violated(invariant: Invariant, detail: string, history?: string[]): void
}

/** Starts with nothing broken. */
export function createVerdict(): Verdict {
  const violations: Violation[] = []
  const over = new AbortController()
  const verdict: Verdict = {
    violations,
    during: 'the start',
    over: over.signal,
    violated(invariant, detail, history = []) {
      violations.push({ invariant, during: verdict.during, detail, history })
      over.abort()
    },
  }
  return verdict
}
