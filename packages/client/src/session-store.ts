import type { Environment } from './environment.ts'
import type { KeptText } from './kept-text.ts'
import { type HeldSession, type Pause, readRecord } from './record.ts'
import type { Me } from './router.ts'
import type { Session, SessionEvent } from './session.ts'

/**
 * The session of this tab, and the one in the storage, which is that of all tabs. Whoever changes it first looks whether
 * another tab did; what somebody wants here and now (to log in, to log out) counts at once, before it is written.
 */
export interface SessionStore {
  /** Resolves when the storage was read for the first time. */
  ready: Promise<Session | null>
  /** With its tokens; null as well before it was read. */
  held(): HeldSession | null
  /** As the app sees it; undefined before it was read. */
  session: () => Session | null | undefined
  /** Takes over what another tab may have written. */
  reread(): Promise<HeldSession | null>
  /** Begins a session in place of any other, at once; waits until it is written. */
  begin(next: HeldSession): Promise<void>
  /** Ends the session, whatever it is, and gives it. */
  end(): HeldSession | null
  /** Puts new tokens in the place of their parent, unless that is no longer there. Gives what is there. */
  replace(parent: HeldSession, next: HeldSession): Promise<HeldSession | null>
  /** Ends the session of these tokens, unless there are newer ones. Gives what is there. */
  drop(held: HeldSession): Promise<HeldSession | null>
  /** Keeps until when nobody refreshes these tokens. */
  pause(held: HeldSession, pause: Pause): Promise<HeldSession | null>
  /** Keeps what is known of the account. */
  learn(user: Me): Promise<HeldSession | null>
}

/** Opens the store. */
export function openSessionStore({
  environment,
  text,
  emit,
  announce,
}: {
  environment: Environment
  text: KeptText
  emit: (event: SessionEvent, session: Session | null) => void
  /** Tells the other tabs that something was written. */
  announce: () => void
}): SessionStore {
  let held: HeldSession | null = null
  let session: Session | null | undefined
  /** What counts here, and is not written yet. */
  let unwritten = 0
  let queue: Promise<unknown> = Promise.resolve()

  /** One after the other, so that none comes between another's look and its write. */
  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const turn = queue.then(action)
    // Whoever waits for it hears what went wrong; the next one has its turn all the same.
    queue = turn.catch(() => {})
    return turn
  }

  function set(next: HeldSession | null): void {
    const before = { held, session }
    held = next
    session = sessionOf(next, session)
    if (before.session === undefined) return
    for (const event of eventsBetween(before.held, held)) emit(event, session)
    if (before.session !== session && held !== null && before.held?.claims.sessionId === held.claims.sessionId) {
      emit('USER_UPDATED', session)
    }
  }

  /** Takes over what the storage has. The same tokens keep the moment that is known better here. */
  async function look(): Promise<HeldSession | null> {
    const found = readRecord(await text.read(), environment)
    if (unwritten > 0) return held
    const isSame = found !== null && found.record.accessToken === held?.record.accessToken
    set(isSame && held ? { ...held, record: found.record } : found)
    return held
  }

  async function write(next: HeldSession | null): Promise<HeldSession | null> {
    set(next)
    await text.write(next && JSON.stringify(next.record))
    announce()
    return held
  }

  function writeNow(next: HeldSession | null): Promise<void> {
    unwritten++
    set(next)
    return inTurn(async () => {
      await text.write(next && JSON.stringify(next.record))
      unwritten--
      announce()
    })
  }

  /** Changes what is there, if it still is what somebody has seen, here and in the storage. */
  const change = (isIt: (found: HeldSession) => boolean, next: (found: HeldSession) => HeldSession | null) =>
    inTurn(async () => {
      const found = await look()
      return found !== null && unwritten === 0 && isIt(found) ? await write(next(found)) : found
    })

  const hasTokensOf =
    ({ record }: HeldSession) =>
    (found: HeldSession) =>
      found.record.refreshToken === record.refreshToken

  return {
    ready: inTurn(async () => {
      await look()
      return (session ??= null)
    }),
    held: () => held,
    session: () => session,
    reread: () => inTurn(look),
    begin: writeNow,
    end() {
      const ended = held
      void writeNow(null)
      return ended
    },
    replace: (parent, next) => change(hasTokensOf(parent), () => next),
    drop: (dropped) => change(hasTokensOf(dropped), () => null),
    pause: (paused, pause) =>
      change(hasTokensOf(paused), (found) => ({ ...found, record: { ...found.record, pause } })),
    learn: (user) =>
      change(
        ({ claims, record }) => claims.userId === user.id && !isSameUser(record.user, user),
        (found) => ({ ...found, record: { ...found.record, user } }),
      ),
  }
}

function eventsBetween(before: HeldSession | null, after: HeldSession | null): SessionEvent[] {
  if (after === null) return before === null ? [] : ['SIGNED_OUT']
  if (before?.claims.sessionId !== after.claims.sessionId) return ['SIGNED_IN']
  return before.record.accessToken === after.record.accessToken ? [] : ['TOKEN_REFRESHED']
}

/** The session as the app sees it: the one before, if nothing in it has changed. */
function sessionOf(held: HeldSession | null, before: Session | null | undefined): Session | null {
  if (held === null) return null
  const { claims, record } = held
  const next: Session = {
    id: claims.sessionId,
    userId: claims.userId,
    username: record.user?.username ?? claims.username,
    user: record.user,
  }
  const isSame = before?.id === next.id && before.username === next.username && isSameUser(before.user, next.user)
  return isSame ? before : next
}

function isSameUser(one: Me | null, other: Me | null): boolean {
  return one?.id === other?.id && one?.username === other?.username && one?.email === other?.email
}
