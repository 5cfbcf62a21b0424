import { randomUUID } from 'node:crypto'
import type { Core } from '../core.ts'
import { ALGORITHMS } from '../signing-keys/algorithms.ts'
import type { Payload } from './claims.ts'

/** For whom an access token is issued, and when. */
export interface AccessTokenSubject {
  accountId: number
  username: string
  sessionId: string
  /** The time of the statement that opened or refreshed the session. */
  now: Date
}

/**
 * Issues an access token: a JWT (RFC 9068), signed with the key that is active at `now`. It is stored nowhere.
 *
 * @throws LatchkeyError `unavailable` before the keys are loaded
 */
export function issueAccessToken(core: Core, { accountId, username, sessionId, now }: AccessTokenSubject): string {
  const { ring, settings, issuer, audience } = core
  const { algorithm, privateKey, header } = ring.active(now)
  const iat = Math.floor(now.getTime() / 1000)
  const payload: Payload = {
    iss: issuer,
    ...(audience !== undefined && { aud: audience }),
    sub: String(accountId),
    user_id: accountId,
    sid: sessionId,
    username,
    iat,
    exp: iat + settings.current().ACCESS_TOKEN_LIFETIME,
    jti: randomUUID(),
  }
  const signed = `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`
  return `${signed}.${ALGORITHMS[algorithm].sign(privateKey, Buffer.from(signed)).toString('base64url')}`
}
