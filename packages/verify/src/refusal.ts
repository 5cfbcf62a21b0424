import { TOKEN_ERRORS, type TokenError, type TokenErrorCode } from './token-error.ts'

/** RFC 6750, 3: who sent no token is told what kind is asked for, and nothing else. */
const REALM = 'Bearer realm="latchkey"'
const CHALLENGES: Partial<Record<TokenErrorCode, string>> = {
  missing_token: REALM,
  invalid_token: `${REALM}, error="invalid_token", error_description="Invalid access token"`,
  token_expired: `${REALM}, error="invalid_token", error_description="Access token expired"`,
}

/** Seconds to wait where nothing better is known. */
const RETRY_AFTER = 1

/** What names a request in a log; anything odd is not repeated. */
const REQUEST_ID = /^[\w.-]{1,64}$/

/** An HTTP answer to who is refused. */
export interface Refusal {
  status: 401 | 503
  headers: Record<string, string>
  /** `application/problem+json` (RFC 9457), as the Latchkey server would say it. */
  body: string
}

/** What can go along with a {@link Refusal}. */
export interface RefusalOptions {
  /** The Latchkey server, whose documentation explains the code. */
  issuer: string
  /** The `X-Request-Id` header, if there is one. */
  requestId?: string | undefined
}

/**
 * The answer to who is refused, for a framework that has no adapter here. It tells the code and never the reason: a
 * forger is not told how far it went.
 *
 * @example
 * if (error instanceof TokenError) {
 *   const { status, headers, body } = refusal(error, verifier)
 *   return new Response(body, { status, headers })
 * }
 */
export function refusal(error: TokenError, { issuer, requestId }: RefusalOptions): Refusal {
  const { code, status } = error
  const { title, meaning } = TOKEN_ERRORS[code]
  const body = {
    type: `${issuer}/docs/#description/${code}`,
    title,
    status,
    detail: meaning,
    code,
    ...(requestId !== undefined && REQUEST_ID.test(requestId) && { request_id: requestId }),
  }
  const headers = { 'Content-Type': 'application/problem+json', ...refusalHeaders(error) }
  return { status, headers, body: JSON.stringify(body) }
}

/** What goes along with a refusal, whatever form its body has. */
export function refusalHeaders({ code, status, retryAfter = RETRY_AFTER }: TokenError): Record<string, string> {
  const challenge = CHALLENGES[code]
  return {
    ...(status === 503 && { 'Retry-After': String(retryAfter) }),
    ...(challenge !== undefined && { 'WWW-Authenticate': challenge }),
  }
}
