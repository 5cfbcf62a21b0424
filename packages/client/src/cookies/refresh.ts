import { asLatchkeyError } from '../answer.ts'
import { LatchkeyError, type LatchkeyErrorCode } from '../errors.ts'
import { mayPass } from '../tries.ts'
import type { CallServer } from './call-server.ts'
import { createOutage } from './outage.ts'
import { nextRetryKey } from './retry-key.ts'
import { readTokens, type StoredSession, type Tokens } from './tokens.ts'

/** Tries of one exchange, and milliseconds between two. */
const TRIES = 3
const BETWEEN_MS = 300
/** Seconds that the server may ask to wait for, and still gets another try of the same request. */
const WAIT_MAX = 1
/**
 * Seconds for which the outcome of an exchange also answers who comes later with the same token: as long as the server
 * itself gives the same successor again (its grace), where its settings are the usual ones.
 */
const KEPT_MAX = 10
/** Seconds for which a refusal by a limit is kept at the most, whatever it asks for. */
const KEPT_REFUSAL_MAX = 60
/** The server is away, or has too much to do; for anybody. */
const AWAY = new Set<LatchkeyErrorCode>(['offline', 'timeout', 'unavailable', 'busy', 'unreadable_answer'])
/** Outcomes that are kept at once, at the most: some megabytes. */
const OUTCOMES_MAX = 10_000

/** What became of an exchange. */
export type Refreshed =
  | { outcome: 'refreshed'; tokens: Tokens }
  /** The server says that the session has ended. */
  | { outcome: 'ended' }
  /** It cannot be known just now: the session is as it was. */
  | { outcome: 'unavailable'; error: LatchkeyError }

/**
 * Exchanges a refresh token for new tokens. All requests of this process that come with the same one share one exchange,
 * while it is under way and for some seconds after. It never throws.
 *
 * @param headers what the server is told of the browser, by the first of them
 */
export type Refresh = (session: StoredSession, headers: Record<string, string>) => Promise<Refreshed>

/** Makes the exchange for one app. */
export function createRefresh(call: CallServer): Refresh {
  const outage = createOutage()
  const shared = new Map<string, { refreshed: Promise<Refreshed>; until: number }>()

  return (session, headers) => {
    const { refreshToken } = session
    const now = performance.now()
    forgetUntil(now)
    const known = shared.get(refreshToken)
    if (known !== undefined && known.until > now) return known.refreshed
    const entry = { refreshed: exchangeAndKeep(), until: Number.POSITIVE_INFINITY }
    shared.set(refreshToken, entry)
    return entry.refreshed

    async function exchangeAndKeep(): Promise<Refreshed> {
      const refreshed = await exchange(session, headers)
      entry.until = performance.now() + secondsKept(refreshed) * 1000
      return refreshed
    }
  }

  /** In the order in which they began, up to the first that still counts; more only where there are too many. */
  function forgetUntil(now: number): void {
    for (const [token, { until }] of shared) {
      if (until > now && shared.size < OUTCOMES_MAX) break
      shared.delete(token)
    }
  }

  async function exchange(session: StoredSession, headers: Record<string, string>): Promise<Refreshed> {
    const admission = outage.enter()
    if (!admission.go) return unavailable(new LatchkeyError('offline', { retryAfter: admission.waitSeconds }))
    for (let tries = 1; ; tries++) {
      const askedAt = performance.now()
      try {
        const { data } = await call({
          procedure: 'auth.refresh',
          input: { refresh_token: session.refreshToken },
          headers: { ...headers, 'Idempotency-Key': session.retryKey },
        })
        const tokens = readTokens(data, askedAt)
        admission.answered()
        const retryKey = await nextRetryKey(session.retryKey, tokens.refreshToken)
        return { outcome: 'refreshed', tokens: { ...tokens, retryKey } }
      } catch (thrown) {
        const error = asLatchkeyError(thrown)
        if (error.code === 'invalid_refresh_token' && error.status === 401) {
          admission.answered()
          return { outcome: 'ended' }
        }
        const isRefused = error.code === 'too_many_requests' || !mayPass(error)
        if (isRefused || admission.isTrial || tries === TRIES || (error.retryAfter ?? 0) > WAIT_MAX) {
          // What is about this session or its address is no reason for others to wait.
          if (AWAY.has(error.code)) admission.failed(error.retryAfter)
          else admission.answered()
          return unavailable(error)
        }
        await pause(Math.max((error.retryAfter ?? 0) * 1000, BETWEEN_MS * (0.5 + Math.random())))
      }
    }
  }
}

/** Waits for a refresh, but not for longer than this; it goes on for whoever comes next. */
export function waitFor(refreshing: Promise<Refreshed>, milliseconds: number): Promise<Refreshed> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(unavailable(new LatchkeyError('timeout'))), milliseconds)
    refreshing.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function unavailable(error: LatchkeyError): Refreshed {
  return { outcome: 'unavailable', error }
}

/** Not at all where it may be otherwise a moment later. */
function secondsKept(refreshed: Refreshed): number {
  switch (refreshed.outcome) {
    case 'refreshed':
      return Math.min(KEPT_MAX, refreshed.tokens.lifetimeSeconds / 3)
    case 'ended':
      return KEPT_MAX
    case 'unavailable':
      return refreshed.error.code === 'too_many_requests'
        ? Math.min(KEPT_REFUSAL_MAX, refreshed.error.retryAfter ?? 1)
        : 0
  }
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
