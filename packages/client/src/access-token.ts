/** What the client reads in an access token. It checks no signature: that is for those who trust in it. */
export interface AccessTokenClaims {
  sessionId: string
  userId: number
  username: string
  /** Milliseconds from issue to expiry. The times themselves are the server's, and compare with no clock here. */
  lifetime: number
}

/** Reads the payload of a JWT (RFC 7519); undefined when it is none, or not one of this server. */
export function readAccessToken(token: string): AccessTokenClaims | undefined {
  try {
    const { sid, user_id, username, iat, exp } = JSON.parse(decode(token.split('.')[1] ?? '')) as Record<
      string,
      unknown
    >
    const isKnown =
      typeof sid === 'string' &&
      typeof user_id === 'number' &&
      typeof username === 'string' &&
      typeof iat === 'number' &&
      typeof exp === 'number' &&
      exp > iat
    return isKnown ? { sessionId: sid, userId: user_id, username, lifetime: (exp - iat) * 1000 } : undefined
  } catch {
    return undefined
  }
}

/** Text in UTF-8 from base64url. React Native has no `TextDecoder`. */
function decode(base64url: string): string {
  const bytes = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return decodeURIComponent(
    Array.from(bytes, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''),
  )
}
