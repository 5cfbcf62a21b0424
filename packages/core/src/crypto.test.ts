import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { deriveKeys, mac, seal, unseal } from './crypto.ts'

const SECRET = 'a root secret for tests, of 32 characters and more'
const key = createSecretKey(randomBytes(32))
/** How AES-GCM, and Node before it, refuse. */
const SHUT = /unable to authenticate|Invalid (authentication tag|initialization vector)/
const bytes = (value: KeyObject) => value.export().toString('hex')

test('a root secret gives the same keys on every instance', () => {
  const [one, other] = [deriveKeys(SECRET), deriveKeys(SECRET)]
  expect(other.id).toBe(one.id)
  for (const use of ['selector', 'token', 'successor', 'retry', 'seal'] as const)
    expect(bytes(other[use])).toBe(bytes(one[use]))
})

test('each use and each root secret has a key of its own', () => {
  const derived = [SECRET, `${SECRET}.`].map((secret) => deriveKeys(secret))
  const all = derived.flatMap(({ id: _, ...keys }) => Object.values(keys))
  expect(new Set(all.map(bytes)).size).toBe(18)
  expect(all.every((derivedKey) => derivedKey.symmetricKeySize === 32)).toBe(true)
  expect(new Set(derived.map(({ id }) => id)).size).toBe(2)
})

test('the id of a root secret fits the column, and is no part of a key', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 32 }), (secret) => {
      const { id, selector } = deriveKeys(secret)
      expect(id >= 0 && id < 2 ** 31).toBe(true)
      expect(bytes(selector)).not.toContain(id.toString(16).padStart(8, '0'))
    }),
  )
})

test('a MAC is over the parts one after the other', () => {
  const whole = mac(key, Buffer.from('abcd'))
  expect(mac(key, Buffer.from('ab'), Buffer.from('cd'))).toEqual(whole)
  expect(whole).toHaveLength(16)
})

test('what was sealed opens, and looks different each time', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), (plaintext, context) => {
      const sealed = seal(key, plaintext, context)
      expect(unseal(key, sealed, context)).toEqual(Buffer.from(plaintext))
      expect(seal(key, plaintext, context)).not.toEqual(sealed)
    }),
  )
})

test('nothing opens under another key or in another context', () => {
  const sealed = seal(key, Buffer.from('private'), 'signing-key/1')
  expect(() => unseal(createSecretKey(randomBytes(32)), sealed, 'signing-key/1')).toThrow(SHUT)
  expect(() => unseal(key, sealed, 'signing-key/2')).toThrow(SHUT)
})

test('a single other bit, or a missing byte, keeps it shut', () => {
  const sealed = seal(key, Buffer.from('private'), 'context')
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const tampered = Buffer.from(sealed)
    tampered[bit >> 3] = (tampered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(() => unseal(key, tampered, 'context')).toThrow(SHUT)
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(() => unseal(key, sealed.subarray(0, length), 'context')).toThrow(SHUT)
  }
})
