import type { Environment } from './environment.ts'
import { since } from './lifetime.ts'
import { pauseLeft } from './pause.ts'
import type { HeldSession } from './record.ts'
import type { Refresher } from './refresher.ts'
import type { SessionStore } from './session-store.ts'

/** Refreshes tokens before they are needed, as long as somebody needs them. */
export interface Schedule {
  /** A token was asked for. */
  used(): void
  /** Looks anew when to refresh next. */
  plan: () => void
  close(): void
}

/** For so many lifetimes after its last use a token is kept fresh though nobody sees the page. */
const IDLE_LIFETIMES = 2

/** By how many milliseconds a timer may come early. */
const EARLY = 2

/** Where there are no locks each tab adds up to so much of the lifetime, so that the first one spares it the others. */
const STAGGER = 1 / 30

/**
 * Plans refreshes. A page that is seen is kept fresh; one that is not, or a process without pages, only while it makes
 * calls. What sleeps, refreshes when it is needed: then the first call waits for it.
 */
export function planRefreshes({
  environment,
  store,
  refresher,
  isShared,
}: {
  environment: Environment
  store: SessionStore
  refresher: Refresher
  isShared: boolean
}): Schedule {
  const stagger = isShared && environment.locks === undefined ? environment.random() * STAGGER : 0
  let cancel: (() => void) | undefined
  let usedAt = Number.NEGATIVE_INFINITY
  let isClosed = false

  const isNeeded = ({ claims }: HeldSession) =>
    environment.isVisible() || environment.monotonic() - usedAt < IDLE_LIFETIMES * claims.lifetime

  const dueIn = (held: HeldSession) => {
    const due = held.record.dueAfter + held.claims.lifetime * stagger - since(held.asked, environment)
    const pause = refresher.pauseOf(held)
    return Math.max(due, pause === null ? 0 : pauseLeft(pause, environment), 0)
  }

  function plan(): void {
    cancel?.()
    cancel = undefined
    const held = store.held()
    if (isClosed || held === null || !isNeeded(held)) return
    cancel = environment.setIdleTimer(() => void act(), dueIn(held))
  }

  async function act(): Promise<void> {
    cancel = undefined
    const held = store.held()
    // Timers may come a little early.
    if (held !== null && isNeeded(held) && dueIn(held) < EARLY) {
      // Nobody asked, so nobody is told; who asks next hears why.
      await refresher.refresh(held.record.accessToken).catch(() => {})
    }
    plan()
  }

  return {
    used() {
      usedAt = environment.monotonic()
      if (cancel === undefined) plan()
    },
    plan,
    close() {
      isClosed = true
      cancel?.()
    },
  }
}
