import { LatchkeyError } from '../errors.ts'

const BEARER = /^bearer +(\S+) *$/i

/**
 * The access token of an `Authorization` header (RFC 6750, section 2.1); the name of the scheme in any letter case.
 *
 * @throws LatchkeyError `missing_token` when there is no header or one of another scheme, `invalid_token` when it is malformed
 */
export function bearerToken(header: string | undefined): string {
  if (header === undefined || !/^bearer( |$)/i.test(header)) throw new LatchkeyError('missing_token')
  const token = BEARER.exec(header)?.[1]
  if (token === undefined) throw new LatchkeyError('invalid_token')
  return token
}
