import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type CheckHeader, optional, required } from './check-header.ts'
import type { AccessClaims } from './claims.ts'
import { refusal } from './refusal.ts'
import { TokenError } from './token-error.ts'
import type { Verifier } from './verifier.ts'

/** Answers a request, and knows who makes it. */
export type ClaimsListener<Claims> = (
  request: IncomingMessage,
  response: ServerResponse,
  claims: Claims,
) => void | Promise<void>

/**
 * A listener for `node:http` that calls this one for nobody without a good access token. The others get 401 with
 * `WWW-Authenticate` and a problem as JSON; 503 while the keys cannot be had.
 *
 * @example
 * createServer(requireToken(verifier, (request, response, claims) => {
 *   response.end(`Hello ${claims.username}`)
 * }))
 */
export const requireToken = (verifier: Verifier, listener: ClaimsListener<AccessClaims>): RequestListener =>
  listen(verifier, required, listener)

/** The same for a listener that serves who has no token, too. A bad or expired one is refused all the same. */
export const optionalToken = (
  verifier: Verifier,
  listener: ClaimsListener<AccessClaims | undefined>,
): RequestListener => listen(verifier, optional, listener)

function listen<Claims>(
  verifier: Verifier,
  check: CheckHeader<Claims>,
  listener: ClaimsListener<Claims>,
): RequestListener {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let claims: Claims
    try {
      claims = await check(verifier, request.headers.authorization)
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      const requestId = request.headers['x-request-id']?.toString()
      const { status, headers, body } = refusal(error, { issuer: verifier.issuer, requestId })
      response.writeHead(status, headers).end(body)
      return
    }
    await listener(request, response, claims)
  }
  // What the listener throws is nobody's to answer here, as with any other async listener.
  return (request, response) => void answer(request, response)
}
