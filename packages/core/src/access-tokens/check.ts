import type { Core } from '../core.ts'
import { LatchkeyError } from '../errors.ts'
import { ALGORITHMS } from '../signing-keys/algorithms.ts'
import { type AccessClaims, claimsOf, Payload } from './claims.ts'

/** Ours have some 500 characters, with the longest username some 1,500. Nothing longer is worth hashing. */
const LENGTH_MAX = 4096

/**
 * Checks an access token (RFC 8725). It costs no database call.
 *
 * There is no leeway: at `exp` a token is expired. An `iat` to come is not refused, for it is the database's time, and
 * this process may lag behind; without an `nbf` it does not say from when on a token counts.
 *
 * @param token whatever a caller sent as one: any string is accepted or refused, never a fault
 * @throws LatchkeyError `invalid_token`; `token_expired`, said only of tokens that were once right
 */
export function checkAccessToken(core: Core, token: string): AccessClaims {
  const payload = signedPayload(core, token)
  if (payload.iss !== core.issuer || payload.aud !== core.audience) throw new LatchkeyError('invalid_token')
  if (payload.sub !== String(payload.user_id)) throw new LatchkeyError('invalid_token')
  const seconds = core.clock.now().getTime() / 1000
  if (payload.nbf !== undefined && seconds < payload.nbf) throw new LatchkeyError('invalid_token')
  if (seconds >= payload.exp) throw new LatchkeyError('token_expired')
  return claimsOf(payload)
}

/** The payload, once one of our keys is known to have signed it; nothing is parsed before. */
function signedPayload({ ring }: Core, token: string): Payload {
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
  return parsed(payloadBytes)
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
