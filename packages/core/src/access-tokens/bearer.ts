import { LatchkeyError } from '../errors.ts'

/** `credentials = "Bearer" 1*SP b64token` (RFC 6750, section 2.1); schemes know no letter case (RFC 9110, 11.1). */
const BEARER = /^bearer(?: +|$)/i
const TOKEN = /^[\w.~+/-]+=*$/

/**
 * Takes the access token out of an `Authorization` header.
 *
 * @param header as it was sent; undefined when it was not
 * @throws LatchkeyError `missing_token` without a token (no header, another scheme, the scheme alone); `invalid_token`
 * for what cannot be one
 */
export function bearerToken(header: string | undefined): string {
  const scheme = BEARER.exec(header ?? '')
  const token = scheme?.input.slice(scheme[0].length)
  if (!token) throw new LatchkeyError('missing_token')
  if (!TOKEN.test(token)) throw new LatchkeyError('invalid_token')
  return token
}
