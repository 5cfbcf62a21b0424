import { readAppOrigin } from './app-origin.ts'
import { createCallServer } from './call-server.ts'
import { createCookies } from './cookie.ts'
import { isCrossSite } from './cross-site.ts'
import { openSession } from './open-session.ts'
import { createRefresh } from './refresh.ts'
import type { CookieSession } from './session.ts'

/** A response that is thrown, as some frameworks redirect, is an answer like any other: its cookies must not be lost. */
async function answerOf(run: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await run()
  } catch (thrown) {
    if (thrown instanceof Response) return thrown
    throw thrown
  }
}

/** What {@link createCookieSessions} needs. */
export interface CookieSessionsOptions<Claims> {
  /** Where the Latchkey server is: `https://auth.example.com`. */
  url: string
  /**
   * Where users reach the app: `https://app.example.com`. Over https its cookies are `Secure` and for this host alone; the
   * one other possibility is `http://localhost`.
   */
  origin: string
  /**
   * Checks an access token and gives its claims: `createVerifier()` of `@latchkey/verify`. What stands in a cookie is what
   * a browser sent; only once it is checked it says who somebody is.
   */
  verify?: (accessToken: string) => Promise<Claims>
}

/** What one request says beside its headers. */
export interface RequestOrigin {
  /**
   * The IP address of the browser. The server counts failed logins by it; without it, all users of the app share the
   * address of the app. Name the app in the server's `LATCHKEY_TRUSTED_PROXIES`.
   */
  address?: string | undefined
}

/** The sessions of one app that renders on its server. */
export interface CookieSessions<Claims> {
  /**
   * Answers a request with its session, and sets the cookies of the answer. A request that another site has made a browser
   * send gets a 403, if its method changes anything.
   */
  handle(
    request: Request,
    run: (session: CookieSession<Claims>) => Response | Promise<Response>,
    origin?: RequestOrigin,
  ): Promise<Response>
  /** The parts of `handle`, for frameworks that answer in their own way: reads the session, and refreshes it where due. */
  open(request: { headers: Headers }, origin?: RequestOrigin): Promise<CookieSession<Claims>>
  /** Whether another site may have made a browser send a request that changes something: answer it with a 403. */
  isCrossSite(request: { method: string; headers: Headers }): boolean
}

/**
 * Makes the sessions of an app whose server renders its pages. Tokens are in cookies that no script can read; the app's
 * server refreshes them, once for all requests of a page.
 *
 * Make one for the process, not one for each request.
 *
 * @throws TypeError where `origin` is neither https nor http://localhost
 *
 * @example
 * const sessions = createCookieSessions({ url: 'http://localhost:8000', origin: 'http://localhost:3000' })
 * export default {
 *   fetch: (request: Request) => sessions.handle(request, (session) => new Response(session.status)),
 * }
 */
export function createCookieSessions<Claims = undefined>({
  url,
  origin,
  verify,
}: CookieSessionsOptions<Claims>): CookieSessions<Claims> {
  const app = readAppOrigin(origin)
  const call = createCallServer(url)
  const kit = { cookies: createCookies(app), call, refresh: createRefresh(call), verify }
  const open = ({ headers }: { headers: Headers }, { address }: RequestOrigin = {}) =>
    openSession(kit, { headers, address })

  return {
    open,
    isCrossSite: (request) => isCrossSite(request, app.origin),
    async handle(request, run, from) {
      if (isCrossSite(request, app.origin)) return new Response('This came from another site.', { status: 403 })
      const session = await open(request, from)
      const response = await answerOf(() => run(session))
      // The headers of some answers, such as redirects, cannot be changed.
      const answer = new Response(response.body, response)
      session.commit(answer.headers)
      return answer
    },
  }
}
