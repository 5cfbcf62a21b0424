import { z } from 'zod'

/** What a checked access token says of its subject. */
export interface AccessClaims {
  accountId: number
  sessionId: string
  /** As it was when the token was issued. */
  username: string
  issuedAt: Date
  expiresAt: Date
  /** `jti`: no two tokens have the same. */
  id: string
}

/** Whole seconds since 1970, up to what a `Date` can hold. */
const instant = z.int().max(8_640_000_000_000)

/**
 * The payload, as it stands in the token: RFC 9068 as far as the contract allows, and `user_id`, an integer. Times are
 * whole seconds since 1970. A claim of another type is no claim of ours: `"exp": "9999999999"` compares as a number.
 */
export const Payload = z.object({
  iss: z.string(),
  aud: z.string().optional(),
  sub: z.string(),
  user_id: z.int().positive(),
  sid: z.uuid(),
  username: z.string(),
  iat: instant,
  nbf: instant.optional(),
  exp: instant,
  jti: z.string().min(1),
})

/** The payload of an access token. */
export type Payload = z.infer<typeof Payload>

/** Turns the payload's names into the domain's. */
export function claimsOf({ user_id, sid, username, iat, exp, jti }: Payload): AccessClaims {
  return {
    accountId: user_id,
    sessionId: sid,
    username,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
    id: jti,
  }
}
