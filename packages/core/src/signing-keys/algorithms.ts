import {
  createHmac,
  generateKey as generateKeyCallback,
  generateKeyPair as generateKeyPairCallback,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { SigningAlgorithm } from './signing-key.ts'

const generateKey = promisify(generateKeyCallback)
const generateKeyPair = promisify(generateKeyPairCallback)

/** What differs between the algorithms. */
interface Algorithm {
  /** Makes a private key; of HS256 the shared secret. In the thread pool, as RSA takes up to a second. */
  generate(): Promise<KeyObject>
  /** Signs with the private key. */
  sign(key: KeyObject, data: Buffer): Buffer
  /** Whether the signature is right, by the public key. Whatever the bytes, it never throws. */
  verify(key: KeyObject, data: Buffer, signature: Buffer): boolean
}

/**
 * The algorithms by name. Signing and checking are synchronous: in the thread pool, behind 8 password hashes, a
 * signature waits 22 ms at the median; here it takes 24 µs (EdDSA).
 */
export const ALGORITHMS: Record<SigningAlgorithm, Algorithm> = {
  EdDSA: {
    generate: async () => (await generateKeyPair('ed25519')).privateKey,
    sign: (key, data) => sign(null, data, key),
    verify: (key, data, signature) => verify(null, data, key, signature),
  },
  ES256: {
    generate: async () => (await generateKeyPair('ec', { namedCurve: 'P-256' })).privateKey,
    // r and s of 32 bytes each (RFC 7518, section 3.4), not the DER that is OpenSSL's default and has many forms.
    sign: (key, data) => sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }),
    verify: (key, data, signature) => verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature),
  },
  RS256: {
    generate: async () => (await generateKeyPair('rsa', { modulusLength: 2048 })).privateKey,
    sign: (key, data) => sign('sha256', data, key),
    verify: (key, data, signature) => verify('sha256', data, key, signature),
  },
  HS256: {
    generate: () => generateKey('hmac', { length: 256 }),
    sign: hmac,
    // A comparison that stops at the first difference would let a forger guess the MAC byte by byte.
    verify(key, data, signature) {
      const expected = hmac(key, data)
      return signature.length === expected.length && timingSafeEqual(signature, expected)
    },
  },
}

function hmac(key: KeyObject, data: Buffer): Buffer {
  return createHmac('sha256', key).update(data).digest()
}
