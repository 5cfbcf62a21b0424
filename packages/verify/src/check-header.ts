import { bearerToken } from './bearer.ts'
import type { AccessClaims } from './claims.ts'
import type { Verifier } from './verifier.ts'

/** Finds out who calls, by the `Authorization` header as it was sent. */
export type CheckHeader<Claims> = (verifier: Verifier, header: string | null | undefined) => Promise<Claims>

/**
 * For those who are logged in.
 *
 * @throws TokenError
 */
export const required: CheckHeader<AccessClaims> = (verifier, header) => verifier(bearerToken(header))

/**
 * For everybody. A token that is sent must be good all the same: who comes with one that has expired wants to be known,
 * and refreshes when told so.
 *
 * @throws TokenError for a bad token, not for none
 */
export const optional: CheckHeader<AccessClaims | undefined> = async (verifier, header) => {
  const token = bearerToken(header)
  return token === undefined ? undefined : await verifier(token)
}
