import type { JSONWebKeySet, JWK } from 'jose'
import type { RingKey } from './ring-key.ts'

/** The public part of a key (RFC 7517), or undefined for HS256, whose only part is secret. */
export function publicJwk({ id, algorithm, publicKey }: RingKey): JWK | undefined {
  if (publicKey.type !== 'public') return undefined
  return { ...publicKey.export({ format: 'jwk' }), kid: id, alg: algorithm, use: 'sig' }
}

/** What `/.well-known/jwks.json` shows: every key whose tokens are accepted. */
export function publicJwks(keys: RingKey[]): JSONWebKeySet {
  return { keys: keys.map(publicJwk).filter((jwk) => jwk !== undefined) }
}
