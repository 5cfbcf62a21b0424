import { z } from 'zod'

/** What an access token says, as the domain reads it. */
export interface AccessClaims {
  /** The account it speaks for (`user_id`, and `sub` as a string). */
  accountId: number
  /** The session it was issued in (`sid`). */
  sessionId: string
  username: string
  issuedAt: Date
  expiresAt: Date
}

/** What an access token says on the wire (RFC 7519, RFC 9068, and the claims of the REST contract). */
export const WireClaims = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  sub: z.string(),
  user_id: z.int().positive(),
  sid: z.uuid(),
  username: z.string(),
  jti: z.string(),
  iat: z.int(),
  exp: z.int(),
  nbf: z.int().optional(),
})

/** The type of {@link WireClaims}. */
export type WireClaims = z.infer<typeof WireClaims>

/** `typ` in the header of our tokens, so that no other JWT of ours can pass as one (RFC 9068, section 2.1). */
export const TOKEN_TYPE = 'at+jwt'
