import { readAccessToken } from './access-token.ts'
import type { Environment } from './environment.ts'
import { LatchkeyError } from './errors.ts'
import { exchange } from './exchange.ts'
import { type Moment, since, thisMoment, usableFor } from './lifetime.ts'
import { pauseLeft } from './pause.ts'
import type { HeldSession, Pause } from './record.ts'
import type { Server } from './server.ts'
import type { SessionStore } from './session-store.ts'
import type { Tabs } from './tabs.ts'

/** Gives access tokens, and gets new ones. */
export interface Refresher {
  /** A token that is still accepted for a moment; null when nobody is signed in. @throws LatchkeyError */
  fresh(): Promise<string | null>
  /**
   * Another token of the same session in the place of one that a server refused; null when there is none, or when it
   * would be refused as well.
   *
   * @throws LatchkeyError
   */
  insteadOf: (refused: string) => Promise<string | null>
  /** Puts a newer one in the place of a token, unless that has happened. @throws LatchkeyError */
  refresh(token: string): Promise<HeldSession | null>
  /** The pause after the last refresh, if that failed; it may be over. */
  pauseOf(held: HeldSession): Pause | null
  /** The network is back: what failed may work. */
  goOnline(): void
}

/** What the refresher works with. */
export interface RefresherParts {
  environment: Environment
  store: SessionStore
  tabs: Tabs
  server: Server
}

/** Tokens of how recent a refresh are not refreshed again because somebody refuses them: a share of their lifetime. */
const FORCED_SHARE = 1 / 3

/** Makes the refresher of one tab. */
export function createRefresher(parts: RefresherParts): Refresher {
  const { environment, store, tabs } = parts
  let inFlight: Promise<HeldSession | null> | undefined
  let onlineAt = Number.NEGATIVE_INFINITY
  let forcedAt: Moment | undefined

  const isUsable = ({ asked, claims }: HeldSession) => since(asked, environment) < usableFor(claims.lifetime)

  /** One from before the network came back says nothing any more. */
  const pauseOf = ({ record: { pause } }: HeldSession) => (pause !== null && pause.at >= onlineAt ? pause : null)

  async function replace(token: string): Promise<HeldSession | null> {
    for (let isFirst = true; ; isFirst = false) {
      const held = await store.reread()
      // Null: signed out meanwhile. Else another tab was faster.
      if (held === null || (held.record.accessToken !== token && isUsable(held))) return held
      const pause = pauseOf(held)
      const left = pause === null ? 0 : pauseLeft(pause, environment)
      // Who has to wait hears why the last refresh failed.
      if (pause !== null && left > 0) throw new LatchkeyError(pause.code, { retryAfter: Math.ceil(left / 1000) })
      const next = await exchange(parts, held, pause)
      if (next !== 'refused') return next
      // Without locks another tab may have exchanged it too, and then its successor: that one counts.
      const newer = await store.drop(held)
      if (newer === null || !isFirst) return newer
    }
  }

  /** One at a time: in this process, and in all tabs. */
  function refresh(token: string): Promise<HeldSession | null> {
    inFlight ??= tabs
      .exclusively(() => replace(token))
      .finally(() => {
        inFlight = undefined
      })
    return inFlight
  }

  async function fresh(): Promise<string | null> {
    await store.ready
    const held = store.held()
    if (held === null || isUsable(held)) return held?.record.accessToken ?? null
    const next = await refresh(held.record.accessToken).catch((error: unknown) => {
      // While nobody can refresh, a token that may be good for a moment more is better than none.
      const left = store.held()
      if (left !== null && since(left.asked, environment) < left.claims.lifetime) return left
      throw error
    })
    // What somebody began as one user is not done as another.
    if (next !== null && next.claims.sessionId !== held.claims.sessionId) throw new LatchkeyError('superseded')
    return next?.record.accessToken ?? null
  }

  return {
    fresh,
    async insteadOf(refused) {
      const held = store.held()
      if (held === null || held.claims.sessionId !== readAccessToken(refused)?.sessionId) return null
      if (held.record.accessToken !== refused) return await fresh()
      // A service that refuses whatever it is sent shall not make us refresh with each call.
      const isForced = forcedAt && since(forcedAt, environment) < held.claims.lifetime * FORCED_SHARE
      if (isForced && inFlight === undefined) return null
      forcedAt = thisMoment(environment)
      const next = await refresh(refused)
      return next?.claims.sessionId === held.claims.sessionId ? next.record.accessToken : null
    },
    refresh,
    pauseOf,
    goOnline() {
      onlineAt = environment.wallClock()
    },
  }
}
