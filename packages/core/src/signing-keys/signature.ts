import { createHmac, sign as cryptoSign, verify as cryptoVerify, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { SigningAlgorithm } from './signing-key.ts'

/** What signing and checking need of a key; its algorithm is the key's, never the token's (RFC 8725, section 3.1). */
export interface SignatureKey {
  algorithm: SigningAlgorithm
  privateKey: KeyObject
  publicKey: KeyObject
}

/** Ed25519 has its digest built in; JWS wants an ECDSA signature as two plain numbers (RFC 7518, section 3.4). */
const DIGEST = { EdDSA: null, ES256: 'sha256', RS256: 'sha256' } as const

/** Signs the bytes of a JWS signing input, synchronously. */
export function sign({ algorithm, privateKey }: SignatureKey, input: string): Buffer {
  if (algorithm === 'HS256') return createHmac('sha256', privateKey).update(input).digest()
  return cryptoSign(DIGEST[algorithm], Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
}

/** Whether a signature is that of the key over the input. */
export function isSignature(key: SignatureKey, input: string, signature: Uint8Array): boolean {
  const { algorithm, publicKey } = key
  if (algorithm === 'HS256') {
    const expected = sign(key, input)
    return signature.length === expected.length && timingSafeEqual(signature, expected)
  }
  return cryptoVerify(DIGEST[algorithm], Buffer.from(input), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
}
