/** `credentials = "Bearer" 1*SP b64token` (RFC 6750, section 2.1); schemes know no letter case (RFC 9110, 11.1). */
const BEARER = /^bearer(?: +|$)/i

/**
 * Takes the access token out of an `Authorization` header.
 *
 * @param header as it was sent; null or undefined when it was not
 * @returns undefined without a token: no header, another scheme, the scheme alone
 */
export function bearerToken(header: string | null | undefined): string | undefined {
  const scheme = BEARER.exec(header ?? '')
  return scheme?.input.slice(scheme[0].length) || undefined
}
