import type { RequestHandler } from 'express'
import { type CheckHeader, optional, required } from './check-header.ts'
import type { AccessClaims } from './claims.ts'
import { refusal } from './refusal.ts'
import { keepClaims } from './request-claims.ts'
import { TokenError } from './token-error.ts'
import type { Verifier } from './verifier.ts'

export { claimsIfAny, claimsOf } from './request-claims.ts'

/**
 * Lets nobody through without a good access token: 401 with `WWW-Authenticate` and a problem as JSON; 503 while the keys
 * cannot be had. Behind it `claimsOf(request)` says who calls.
 *
 * @example
 * app.get('/notes', requireToken(verifier), (request, response) => {
 *   response.json(notesOf(claimsOf(request).user_id))
 * })
 */
export const requireToken = (verifier: Verifier): RequestHandler => handler(verifier, required)

/**
 * Lets through who has no token, too: `claimsIfAny(request)` is undefined then. Who comes with a bad or expired one is
 * refused, and can refresh it.
 */
export const optionalToken = (verifier: Verifier): RequestHandler => handler(verifier, optional)

function handler(verifier: Verifier, check: CheckHeader<AccessClaims | undefined>): RequestHandler {
  return async (request, response, next) => {
    try {
      keepClaims(request, await check(verifier, request.headers.authorization))
    } catch (error) {
      // Express 4 hears of nothing that an async handler throws.
      if (!(error instanceof TokenError)) return next(error)
      const { issuer } = verifier
      const { status, headers, body } = refusal(error, { issuer, requestId: request.get('X-Request-Id') })
      response.status(status).set(headers).end(body)
      return
    }
    next()
  }
}
