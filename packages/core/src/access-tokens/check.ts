import type { Core } from '../core.ts'
import { LatchkeyError } from '../errors.ts'
import { isSignature } from '../signing-keys/signature.ts'
import type { RingKey } from '../signing-keys/ring.ts'
import { type AccessClaims, TOKEN_TYPE, WireClaims } from './claims.ts'

/** Ours have some 500 characters; nothing longer is worth a signature check. */
const LENGTH_MAX = 4096
const PARTS = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/

/**
 * Checks an access token as RFC 8725 asks, without any I/O: the algorithm is fixed by the key that `kid` names, no key
 * comes from the token itself, and nothing in the payload is believed before the signature is right.
 *
 * Expiry has no leeway. `iat` is not compared: it is the database's time, which may be ahead of this process's.
 *
 * @throws LatchkeyError `invalid_token`, `token_expired`; `unavailable` while no key is loaded
 */
export function checkAccessToken(core: Core, token: string): AccessClaims {
  const [, header = '', payload = '', signature = ''] = (token.length <= LENGTH_MAX && PARTS.exec(token)) || refuse()
  const key = keyOf(core, header)
  if (!isSignature(key, `${header}.${payload}`, decode(signature))) refuse()

  const { data: claims } = WireClaims.safeParse(parse(payload))
  if (claims === undefined || claims.iss !== core.issuer || claims.sub !== String(claims.user_id)) refuse()
  if (core.audience !== undefined && ![claims.aud].flat().includes(core.audience)) refuse()
  const now = core.clock.now().getTime() / 1000
  if (claims.nbf !== undefined && now < claims.nbf) refuse()
  if (now >= claims.exp) throw new LatchkeyError('token_expired')
  return {
    accountId: claims.user_id,
    sessionId: claims.sid,
    username: claims.username,
    issuedAt: new Date(claims.iat * 1000),
    expiresAt: new Date(claims.exp * 1000),
  }
}

/** The key of a header that is exactly one of ours; extensions (`crit`, `b64`) and keys of its own are thereby refused. */
function keyOf({ ring }: Core, header: string): RingKey {
  const fields = parse(header)
  if (typeof fields !== 'object' || fields === null || !('kid' in fields) || typeof fields.kid !== 'string') refuse()
  const key = ring.find(fields.kid)
  if (key === undefined) refuse()
  const { alg, typ, kid, ...others } = { alg: undefined, typ: undefined, ...fields }
  if (alg !== key.algorithm || typ !== TOKEN_TYPE || Object.keys(others).length > 0) refuse()
  return key
}

/** Only the one canonical spelling: otherwise a token could be altered, and still be the same token (RFC 4648, 3.5). */
function decode(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') !== part) refuse()
  return bytes
}

function parse(part: string): unknown {
  try {
    return JSON.parse(decode(part).toString())
  } catch {
    return refuse()
  }
}

function refuse(): never {
  throw new LatchkeyError('invalid_token')
}
