import type { Me } from './router.ts'

/**
 * One login, as the app sees it. The object stays the same one as long as nothing in it changes: a refresh of its tokens
 * makes no new one, so it may be compared by `===`.
 */
export interface Session {
  /** Names it among the sessions of the account: `sid` of its access tokens, `id` in {@link Latchkey.sessions}. */
  readonly id: string
  readonly userId: number
  /** As the newest access token has it; empty until it is set. */
  readonly username: string
  /** The whole account, once `me()` or `updateMe()` has read it; kept with the tokens, so a reload has it at once. */
  readonly user: Me | null
}

/**
 * What happens to the session, in every tab:
 *
 * - `INITIAL_SESSION`: the storage was read; each listener hears it once, and first;
 * - `SIGNED_IN`: by `login()`, here or in another tab; after another session, too, which it replaces;
 * - `TOKEN_REFRESHED`: there are new tokens, from here or from another tab;
 * - `USER_UPDATED`: the account was read for the first time, or changed;
 * - `SIGNED_OUT`: by `logout()`, here or in another tab, or because the server says that the session has ended.
 */
export type SessionEvent = 'INITIAL_SESSION' | 'SIGNED_IN' | 'TOKEN_REFRESHED' | 'USER_UPDATED' | 'SIGNED_OUT'

/** Hears of {@link SessionEvent}s. It may call the client and wait for it: no call waits for a listener. */
export type SessionListener = (event: SessionEvent, session: Session | null) => unknown
