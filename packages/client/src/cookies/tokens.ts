import { readAccessToken } from '../access-token.ts'
import { LatchkeyError } from '../errors.ts'
import { isObject } from '../is-object.ts'

/** What the cookie `session` keeps. */
export interface StoredSession {
  readonly refreshToken: string
  /** Names the session: `sid`. */
  readonly sessionId: string
  /** Goes along when the refresh token is exchanged. */
  readonly retryKey: string
}

/** What a login or a refresh gives. */
export interface Tokens extends StoredSession {
  readonly accessToken: string
  /** How long the access token is accepted, from when it was issued: both of its times are the server's own. */
  readonly lifetimeSeconds: number
  /** When it was asked for, by `performance.now()`. It was issued after that, so it is never older than it looks. */
  readonly askedAt: number
}

/**
 * How much of an access token's life is over when it is exchanged. What is left is for the request that it came with, and
 * for an outage of the server. With a third instead of a tenth left, a page that is looked at would refresh half as often again.
 */
const FRESH_SHARE = 0.9

/**
 * Reads the tokens out of an answer. The access token is not checked: it came from the server itself, just now.
 *
 * @throws LatchkeyError `unreadable_answer`
 */
export function readTokens(data: unknown, askedAt: number): Omit<Tokens, 'retryKey'> {
  const { access_token: accessToken, refresh_token: refreshToken } = isObject(data) ? data : {}
  const claims = typeof accessToken === 'string' ? readAccessToken(accessToken) : undefined
  if (typeof accessToken !== 'string' || typeof refreshToken !== 'string' || claims === undefined) {
    throw new LatchkeyError('unreadable_answer')
  }
  const { sessionId, lifetime } = claims
  return { refreshToken, accessToken, sessionId, lifetimeSeconds: lifetime / 1000, askedAt }
}

/** Whole seconds for which an access token is still accepted, and for which it need not be exchanged; 0 at the least. */
export function secondsLeft({ lifetimeSeconds, askedAt }: Tokens): { accepted: number; fresh: number } {
  const age = (performance.now() - askedAt) / 1000
  const left = (share: number) => Math.max(0, Math.floor(lifetimeSeconds * share - age))
  return { accepted: left(1), fresh: left(FRESH_SHARE) }
}

const UUID = '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}'
const SESSION_COOKIE = new RegExp(`^(${UUID})\\.(${UUID})\\.(${UUID})$`, 'i')

/** As it stands in the cookie `session`. */
export function writeStored({ refreshToken, sessionId, retryKey }: StoredSession): string {
  return [refreshToken, sessionId, retryKey].join('.')
}

/** Reads the cookie; undefined for anything that {@link writeStored} has not written. */
export function readStored(value: string | undefined): StoredSession | undefined {
  const [, refreshToken, sessionId, retryKey] = SESSION_COOKIE.exec(value ?? '') ?? []
  if (refreshToken === undefined || sessionId === undefined || retryKey === undefined) return undefined
  return { refreshToken, sessionId, retryKey }
}
