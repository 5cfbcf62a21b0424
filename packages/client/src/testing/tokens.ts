import type { TokenPair } from '../record.ts'

/** Tokens as the server makes them, but for the signature, which a client does not look at. */
export function makePair(claims: object = {}): TokenPair {
  const payload = { sid: 'a session', user_id: 7, username: 'Ann', iat: 1_700_000_000, exp: 1_700_000_030, ...claims }
  const encoded = Buffer.from(JSON.stringify(payload)).toString('base64url')
  return { access_token: `eyJhbGciOiJFZERTQSJ9.${encoded}.signature`, refresh_token: crypto.randomUUID() }
}
