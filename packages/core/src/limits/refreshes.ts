import type { Origin } from '../audit/origin.ts'
import type { Clock } from '../clock.ts'
import type { Settings } from '../settings/snapshot.ts'
import { prefixOf } from './prefix.ts'
import { refusal } from './refusal.ts'
import { createWindowCounter } from './window-counter.ts'

const WINDOW_SECONDS = 60
/** Sessions, and prefixes with unknown selectors, that one instance remembers: some 20 MB when all are taken. */
const KEYS_MAX = 100_000
/** Unknown selectors whose answer is not there yet, or never came. */
const PENDING_MAX = 10_000

/** The limits of refreshes. They are in memory, since a shared counter would cost more than the refresh itself. */
export interface RefreshLimits {
  /**
   * Counts a refresh before its statement: by session where this instance knows it, else by prefix. A prefix that has
   * spent its budget does not keep the sessions out that were known lately: they may share an address with an attacker.
   *
   * @throws LatchkeyError `too_many_requests`
   */
  refresh(selectorMac: Buffer, origin: Origin): void
  /**
   * Says what the statement found. Without it (the database could not say) a point of the prefix stays taken until its
   * window ends.
   *
   * @param known whether there is such a session, and it lives
   */
  refreshed(selectorMac: Buffer, origin: Origin, known: boolean): void
}

/** Makes the limits of refreshes. */
export function createRefreshLimits({
  clock,
  settings,
  limited,
}: {
  clock: Clock
  settings: Settings
  limited: (name: string) => void
}): RefreshLimits {
  const windowMs = WINDOW_SECONDS * 1000
  const sessions = createWindowCounter({ keysMax: KEYS_MAX, windowMs })
  const prefixes = createWindowCounter({ keysMax: KEYS_MAX, windowMs })
  const pending = createWindowCounter({ keysMax: PENDING_MAX, windowMs })

  return {
    refresh(selectorMac, origin) {
      const now = clock.now().getTime()
      const selector = selectorMac.toString('latin1')
      const session = sessions.find(selector, now)
      const window = session ?? prefixes.open(prefixOf(origin.address), now)
      const { REFRESHES_PER_MINUTE, REFRESHES_UNKNOWN_PER_MINUTE } = settings.current()
      const limit = session === undefined ? REFRESHES_UNKNOWN_PER_MINUTE : REFRESHES_PER_MINUTE
      if (window.count >= limit) {
        const name = session === undefined ? 'refresh-unknown' : 'refresh-session'
        limited(name)
        throw refusal({ name, limit, windowSeconds: WINDOW_SECONDS }, (window.endsAt - now) / 1000)
      }
      window.count++
      if (session === undefined) pending.open(selector, now).count++
    },
    refreshed(selectorMac, origin, known) {
      const now = clock.now().getTime()
      const selector = selectorMac.toString('latin1')
      const session = sessions.find(selector, now)
      const counted = pending.find(selector, now)
      const isCounted = counted !== undefined && counted.count > 0
      if (isCounted && --counted.count === 0) pending.delete(selector)
      if (known) {
        if (session === undefined) sessions.open(selector, now).count++
        if (!isCounted) return
        const prefix = prefixes.open(prefixOf(origin.address), now)
        if (prefix.count > 0) prefix.count--
      } else if (session !== undefined) {
        // It has ended: from now on its token is one that nobody knows.
        sessions.delete(selector)
        if (!isCounted) prefixes.open(prefixOf(origin.address), now).count++
      }
    },
  }
}
