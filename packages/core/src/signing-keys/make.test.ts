import { calculateJwkThumbprint } from 'jose'
import { expect, test } from 'vitest'
import { publicJwk } from './jwks.ts'
import { makeKey } from './make.ts'

const SECRET_MEMBERS = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])

test.each(['EdDSA', 'ES256', 'RS256'] as const)('a key for %s shows its public part only', async (algorithm) => {
  const key = await makeKey(algorithm)
  const jwk = publicJwk(key)
  expect(jwk).toMatchObject({ kid: key.id, alg: algorithm, use: 'sig' })
  expect(Object.keys(jwk ?? {}).filter((member) => SECRET_MEMBERS.has(member))).toEqual([])
})

test.each(['EdDSA', 'ES256', 'RS256'] as const)('the id of a key for %s is its thumbprint', async (algorithm) => {
  const key = await makeKey(algorithm)
  expect(key.id).toBe(await calculateJwkThumbprint(publicJwk(key) ?? {}))
})

test('keys have the size that RFC 7518 asks for', async () => {
  expect((await makeKey('RS256')).privateKey.asymmetricKeyDetails?.modulusLength).toBeGreaterThanOrEqual(2048)
  expect((await makeKey('HS256')).privateKey.symmetricKeySize).toBeGreaterThanOrEqual(32)
  expect((await makeKey('ES256')).privateKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
})

test('a shared secret is shown nowhere, and its id says nothing about it', async () => {
  const key = await makeKey('HS256')
  expect(publicJwk(key)).toBeUndefined()
  const thumbprint = await calculateJwkThumbprint({ kty: 'oct', k: key.privateKey.export().toString('base64url') })
  expect(key.id).not.toBe(thumbprint)
})

test('no id looks like an option of a command', async () => {
  const keys = await Promise.all(Array.from({ length: 300 }, () => makeKey('EdDSA')))
  expect(keys.filter(({ id }) => id.startsWith('-'))).toEqual([])
})
