/** What a checked access token says (RFC 9068, RFC 7519). Frozen: all requests with the same token share it. */
export interface AccessClaims {
  /** The account. */
  readonly user_id: number
  /** The same, as text. */
  readonly sub: string
  /** The session: one login, from start to end. */
  readonly sid: string
  /** As it was when the token was issued; empty for who has none. */
  readonly username: string
  /** The Latchkey server. */
  readonly iss: string
  /** When it was issued, in seconds since 1970. */
  readonly iat: number
  /** From when on it is refused, in seconds since 1970. */
  readonly exp: number
  /** No two tokens have the same. */
  readonly jti: string
  /** For whom it is; absent unless the server was given an audience. */
  readonly aud?: string
}

/** The claims, and those that are only looked at while checking. */
export interface Payload {
  claims: AccessClaims
  /** Before this it counts for nothing, in seconds since 1970; our server sets none. */
  notBefore: number | undefined
}

/** The last second that a `Date` can hold. */
const INSTANT_MAX = 8_640_000_000_000
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads the payload of a token whose signature is right. A claim of another type is no claim of ours:
 * `"exp": "9999999999"` compares as a number.
 *
 * @returns undefined for what is no payload of ours
 */
export function readPayload(bytes: Uint8Array): Payload | undefined {
  const { iss, aud, sub, user_id, sid, username, iat, nbf, exp, jti } = parseObject(bytes) ?? {}
  if (!isText(iss) || !isText(sub) || !isText(sid) || !isText(jti) || typeof username !== 'string') return undefined
  if (!isWhole(user_id) || user_id < 1 || sub !== String(user_id)) return undefined
  if (!isInstant(iat) || !isInstant(exp)) return undefined
  if (nbf !== undefined && !isInstant(nbf)) return undefined
  if (aud !== undefined && !isText(aud)) return undefined
  const claims = { user_id, sub, sid, username, iss, iat, exp, jti, ...(aud !== undefined && { aud }) }
  return { claims: Object.freeze(claims), notBefore: nbf }
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    // What the parser says would quote the payload.
    return undefined
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)
const isInstant = (value: unknown): value is number => isWhole(value) && value <= INSTANT_MAX
