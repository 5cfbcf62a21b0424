import type { MiddlewareHandler } from 'hono'
import { type CheckHeader, optional, required } from './check-header.ts'
import type { AccessClaims } from './claims.ts'
import { refusal } from './refusal.ts'
import { TokenError } from './token-error.ts'
import type { Verifier } from './verifier.ts'

/** A middleware of Hono that sets `claims`. */
export type ClaimsMiddleware<Claims> = MiddlewareHandler<{ Variables: { claims: Claims } }>

/**
 * Lets nobody through without a good access token: 401 with `WWW-Authenticate` and a problem as JSON; 503 while the keys
 * cannot be had. Behind it `c.get('claims')` says who calls.
 *
 * @example
 * app.get('/notes', requireToken(verifier), (c) => c.json(notesOf(c.get('claims').user_id)))
 */
export const requireToken = (verifier: Verifier): ClaimsMiddleware<AccessClaims> => middleware(verifier, required)

/**
 * Lets through who has no token, too: `c.get('claims')` is undefined then. Who comes with a bad or expired one is
 * refused, and can refresh it.
 */
export const optionalToken = (verifier: Verifier): ClaimsMiddleware<AccessClaims | undefined> =>
  middleware(verifier, optional)

function middleware<Claims>(verifier: Verifier, check: CheckHeader<Claims>): ClaimsMiddleware<Claims> {
  return async (c, next) => {
    try {
      c.set('claims', await check(verifier, c.req.header('Authorization')))
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      const { issuer } = verifier
      const { status, headers, body } = refusal(error, { issuer, requestId: c.req.header('X-Request-Id') })
      return c.body(body, status, headers)
    }
    await next()
  }
}
