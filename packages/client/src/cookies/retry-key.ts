/**
 * The `Idempotency-Key` for the exchange of a refresh token: with the same one the same successor can be fetched for five
 * minutes, as long as nobody has used it. It stands in the cookie beside its token, so that every process of the app sends
 * the same: a page that was left before it had its new cookies is served by another process, and nobody is logged out.
 *
 * The first one is random. Each later one follows from the one before and the token that it is for: two processes that
 * exchange a token at once set the same cookie. Whoever gets hold of a token alone cannot know its key.
 */
export async function nextRetryKey(before: string, refreshToken: string): Promise<string> {
  const text = new TextEncoder().encode(`latchkey retry\0${before}\0${refreshToken}`)
  return asUuid(new Uint8Array(await crypto.subtle.digest('SHA-256', text)))
}

/** The first key, for the first token of a session. */
export function firstRetryKey(): string {
  return crypto.randomUUID()
}

/** A UUID of our own making (version 8; RFC 9562, 5.8), of the first of these bytes. */
function asUuid(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)]
  return parts.join('-')
}
