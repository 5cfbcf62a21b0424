import type { Core } from '../core.ts'
import { LatchkeyError } from '../errors.ts'
import { ALGORITHMS } from '../signing-keys/algorithms.ts'
import type { RingKey } from '../signing-keys/ring-key.ts'
import type { CheckedToken } from './checked.ts'
import { type AccessClaims, claimsOf, Payload } from './claims.ts'

/** Ours have some 500 characters, with the longest username some 1,500. Nothing longer is worth hashing. */
const LENGTH_MAX = 4096

/**
 * Checks an access token (RFC 8725). It costs no database call, and a signature is checked once: of a token that was seen
 * before only the time and the life of its key are looked at (0.6 µs in place of 80).
 *
 * There is no leeway: at `exp` a token is expired. An `iat` to come is not refused, for it is the database's time, and
 * this process may lag behind; without an `nbf` it does not say from when on a token counts.
 *
 * @param token whatever a caller sent as one: any string is accepted or refused, never a fault
 * @throws LatchkeyError `invalid_token`; `token_expired`, said only of tokens that were once right
 */
export function checkAccessToken(core: Core, token: string): AccessClaims {
  const { claims, notBefore } = seenBefore(core, token) ?? checked(core, token)
  const now = core.clock.now().getTime()
  if (notBefore !== undefined && now < notBefore.getTime()) throw new LatchkeyError('invalid_token')
  if (now >= claims.expiresAt.getTime()) throw new LatchkeyError('token_expired')
  return claims
}

/** What was found out about this very token, as long as its key is one of ours. */
function seenBefore({ checkedTokens, ring }: Core, token: string): CheckedToken | undefined {
  const seen = checkedTokens.get(token)
  return seen !== undefined && ring.find(seen.key.header) === seen.key ? seen : undefined
}

/** What holds of a token at any time. */
function checked(core: Core, token: string): CheckedToken {
  const { key, payload } = signed(core, token)
  if (payload.iss !== core.issuer || payload.aud !== core.audience) throw new LatchkeyError('invalid_token')
  if (payload.sub !== String(payload.user_id)) throw new LatchkeyError('invalid_token')
  const notBefore = payload.nbf === undefined ? undefined : new Date(payload.nbf * 1000)
  const found = { claims: claimsOf(payload), notBefore, key }
  core.checkedTokens.set(token, found)
  return found
}

/** The payload, once one of our keys is known to have signed it; nothing is parsed before. */
function signed({ ring }: Core, token: string): { key: RingKey; payload: Payload } {
  if (token.length > LENGTH_MAX) throw new LatchkeyError('invalid_token')
  const [header = '', payload = '', signature = '', ...more] = token.split('.')
  // A key's tokens all bear one and the same header, and only that text is taken. So nothing in it is believed: no `alg`
  // (none, or HS256 keyed with a public key), no key it brings along or points to (jwk, jku, x5u), no `crit`, no `typ`
  // of another kind of token.
  const key = ring.find(header)
  const payloadBytes = canonicalBytes(payload)
  const signatureBytes = canonicalBytes(signature)
  if (key === undefined || payloadBytes === undefined || signatureBytes === undefined || more.length > 0) {
    throw new LatchkeyError('invalid_token')
  }
  if (!ALGORITHMS[key.algorithm].verify(key.publicKey, Buffer.from(`${header}.${payload}`), signatureBytes)) {
    throw new LatchkeyError('invalid_token')
  }
  return { key, payload: parsed(payloadBytes) }
}

/** Node reads over padding, blanks, the other alphabet and surplus bits: a token could be altered, and still pass. */
function canonicalBytes(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}

function parsed(bytes: Buffer): Payload {
  try {
    return Payload.parse(JSON.parse(bytes.toString()))
  } catch (error) {
    throw new LatchkeyError('invalid_token', { cause: error })
  }
}
