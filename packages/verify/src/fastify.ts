import type { onRequestAsyncHookHandler } from 'fastify'
import { type CheckHeader, optional, required } from './check-header.ts'
import type { AccessClaims } from './claims.ts'
import { refusal } from './refusal.ts'
import { keepClaims } from './request-claims.ts'
import { TokenError } from './token-error.ts'
import type { Verifier } from './verifier.ts'

export { claimsIfAny, claimsOf } from './request-claims.ts'

/**
 * Lets nobody through without a good access token: 401 with `WWW-Authenticate` and a problem as JSON; 503 while the keys
 * cannot be had. Behind it `claimsOf(request)` says who calls. A hook for one route or for all: nothing of the body is
 * read before.
 *
 * @example
 * app.get('/notes', { onRequest: requireToken(verifier) }, (request) => notesOf(claimsOf(request).user_id))
 * app.addHook('onRequest', requireToken(verifier))
 */
export const requireToken = (verifier: Verifier): onRequestAsyncHookHandler => hook(verifier, required)

/**
 * Lets through who has no token, too: `claimsIfAny(request)` is undefined then. Who comes with a bad or expired one is
 * refused, and can refresh it.
 */
export const optionalToken = (verifier: Verifier): onRequestAsyncHookHandler => hook(verifier, optional)

function hook(verifier: Verifier, check: CheckHeader<AccessClaims | undefined>): onRequestAsyncHookHandler {
  return async (request, reply) => {
    try {
      keepClaims(request, await check(verifier, request.headers.authorization))
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      const { status, headers, body } = refusal(error, { issuer: verifier.issuer, requestId: request.id })
      return await reply.code(status).headers(headers).send(body)
    }
  }
}
