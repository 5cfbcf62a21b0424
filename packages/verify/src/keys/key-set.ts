import { type CryptoKey, importJWK, type JWK } from 'jose'

interface Algorithm {
  kty: string
  crv?: string
  /** What makes up the public part of such a key. */
  members: readonly (keyof JWK)[]
}

/** What tokens may be signed with. HS256 is not among it: who can check such a token can forge one. */
const ALGORITHMS = new Map<unknown, Algorithm>([
  ['EdDSA', { kty: 'OKP', crv: 'Ed25519', members: ['kty', 'crv', 'x'] }],
  ['ES256', { kty: 'EC', crv: 'P-256', members: ['kty', 'crv', 'x', 'y'] }],
  ['RS256', { kty: 'RSA', members: ['kty', 'n', 'e'] }],
])

/** A key that checks signatures. */
export interface PublicKey {
  readonly kid: string
  /** The only algorithm that this key is ever used with, whatever a token says (RFC 8725, section 3.1). */
  readonly alg: string
  readonly key: CryptoKey
  /** Its public part as text, to know it again. */
  readonly text: string
}

/** Keys by their `kid`. */
export type KeySet = ReadonlyMap<string, PublicKey>

/** Whether a key can be for this algorithm. */
export const isAlgorithm = (alg: unknown): boolean => ALGORITHMS.has(alg)

/**
 * Reads a JWK set (RFC 7517, section 5). Keys that it cannot use are left out, as the RFC says; a key that was there
 * before stays the same object, so that tokens which were checked with it stay checked.
 *
 * @throws Error for what is no JWK set
 */
export async function readKeySet(text: string, before: KeySet): Promise<KeySet> {
  const keys = await Promise.all(jwksOf(text).map((jwk) => publicKey(jwk, before)))
  return new Map(keys.filter((key) => key !== undefined).map((key) => [key.kid, key]))
}

function jwksOf(text: string): JWK[] {
  const set: unknown = JSON.parse(text)
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) {
    throw new Error('this is no JWK set')
  }
  return set.keys.filter((jwk) => typeof jwk === 'object' && jwk !== null)
}

async function publicKey(jwk: JWK, before: KeySet): Promise<PublicKey | undefined> {
  const { kid, alg, kty, crv, use = 'sig', key_ops = ['verify'] } = jwk
  const algorithm = ALGORITHMS.get(alg)
  if (typeof kid !== 'string' || alg === undefined || algorithm === undefined) return undefined
  if (algorithm.kty !== kty || algorithm.crv !== crv || use !== 'sig' || !key_ops.includes('verify')) return undefined
  // A key whose private part is published is everybody's.
  if ('d' in jwk) return undefined

  const publicPart = Object.fromEntries(algorithm.members.map((member) => [member, jwk[member]]))
  const text = JSON.stringify([alg, publicPart])
  const known = before.get(kid)
  if (known?.text === text) return known
  const key = await importPublic(publicPart, alg)
  return key && { kid, alg, key, text }
}

/** @returns undefined for a key that is broken, or of a kind that this runtime does not know */
async function importPublic(jwk: JWK, alg: string): Promise<CryptoKey | undefined> {
  try {
    const key = await importJWK(jwk, alg)
    return key instanceof Uint8Array ? undefined : key
  } catch {
    return undefined
  }
}
