import { randomUUID } from 'node:crypto'
import type { Core } from '../core.ts'
import { sign } from '../signing-keys/signature.ts'
import type { WireClaims } from './claims.ts'

/** Whom a token is for, and the database's time at which its session was opened or refreshed. */
export interface AccessTokenSubject {
  accountId: number
  username: string
  sessionId: string
  now: Date
}

/**
 * Issues an access token: a JWT that lives for `ACCESS_TOKEN_LIFETIME` and is stored nowhere.
 *
 * It is signed synchronously by `node:crypto`: WebCrypto would queue behind argon2 in the thread pool (22 ms at the median
 * with 8 hashes in flight, against 0.08).
 *
 * @throws LatchkeyError `unavailable` while no key is loaded
 */
export function issueAccessToken(core: Core, { accountId, username, sessionId, now }: AccessTokenSubject): string {
  const key = core.ring.active()
  const iat = Math.floor(now.getTime() / 1000)
  const claims: WireClaims = {
    iss: core.issuer,
    ...(core.audience !== undefined && { aud: core.audience }),
    sub: String(accountId),
    user_id: accountId,
    sid: sessionId,
    username,
    jti: randomUUID(),
    iat,
    exp: iat + core.settings.current().ACCESS_TOKEN_LIFETIME,
  }
  const input = `${key.header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return `${input}.${sign(key, input).toString('base64url')}`
}
