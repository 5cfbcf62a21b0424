import type { Credentials, Registered, Registration } from '../router.ts'

/**
 * Whether somebody is signed in:
 *
 * - `signed-in`: there is an access token that is accepted;
 * - `signed-out`: nobody is, or the server says that the session has ended;
 * - `unavailable`: somebody is, but no access token can be had just now, because the server is away. It is no reason to
 *   show the login: answer 503, or show what needs no user.
 */
export type CookieSessionStatus = 'signed-in' | 'signed-out' | 'unavailable'

/** The session of one request. Its methods need no `this`. */
export interface CookieSession<Claims> {
  readonly status: CookieSessionStatus
  /** The access token, for services that ask for it. It must not come into a page. Undefined unless `signed-in`. */
  readonly accessToken: string | undefined
  /** What `verify` made of it: who it is. Undefined unless `signed-in`, and without `verify`. */
  readonly claims: Claims | undefined
  /** Why the session is `unavailable`, for the log; `retryAfter` says when to try again. */
  readonly error: unknown

  /** Makes an account; it does not log in. @throws LatchkeyError */
  register(input: Registration): Promise<Registered>
  /** Begins a session in this browser. @throws LatchkeyError and then all is as it was */
  login(input: Credentials): Promise<void>
  /**
   * Ends the session: its cookies go, and then the server ends it, as far as it can be reached. It never fails. An answer
   * that is still under way with fresh cookies does not bring it back.
   */
  logout(): Promise<void>
  /**
   * `fetch` with the access token. When the answer is a 401 the token is refreshed and the request sent once more; so call
   * it before {@link commit}. Who gets the token can act as the user: call nobody with it whom you do not trust.
   *
   * @throws LatchkeyError where the session is `unavailable`; else as `fetch` does
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>

  /**
   * Puts the cookies that the browser is to have into the headers of the answer. With tokens in it, no cache may keep it
   * (RFC 6749, 5.1): then `Cache-Control` is set, whatever it was.
   */
  commit(headers: Headers): void
  /**
   * The headers of the request as it would be with these cookies: for what runs behind this one and reads cookies itself,
   * such as the pages of a framework behind its middleware.
   */
  forward(): Headers
}
