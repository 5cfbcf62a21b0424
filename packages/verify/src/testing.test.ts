import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { createTestIssuer } from './testing.ts'
import { createVerifier } from './verifier.ts'

test.for(['EdDSA', 'ES256', 'RS256'] as const)('makes tokens as the server does, for %s', async (algorithm) => {
  const { issuer, token, verifier, jwks } = await createTestIssuer({ algorithm, audience: 'https://api.test' })
  const minted = await token({ user_id: 7, username: 'Zoë' })
  expect(await verifier(minted)).toMatchObject({ user_id: 7, sub: '7', username: 'Zoë', aud: 'https://api.test' })
  const { payload, protectedHeader } = await jwtVerify(minted, createLocalJWKSet(jwks), { issuer, typ: 'at+jwt' })
  expect(protectedHeader).toEqual({ alg: algorithm, typ: 'at+jwt', kid: jwks.keys[0]?.kid })
  expect(Number(payload.exp) - Number(payload.iat)).toBe(30)
})

test('makes every token that a service must refuse', async () => {
  const { token, expiredToken, forgedToken, verifier } = await createTestIssuer()
  await expect(verifier(await expiredToken())).rejects.toMatchObject({ reason: 'expired' })
  await expect(verifier(await forgedToken())).rejects.toMatchObject({ reason: 'signature' })
  await expect(verifier(await token({ aud: 'https://other.test' }))).rejects.toMatchObject({ reason: 'audience' })
  await expect(verifier(await token({ iss: 'https://other.test' }))).rejects.toMatchObject({ reason: 'issuer' })
  const elsewhere = await createTestIssuer()
  await expect(verifier(await elsewhere.token())).rejects.toMatchObject({ reason: 'unknown_key' })
})

test('serves an app that makes its verifier itself', async () => {
  const { issuer, fetch, token } = await createTestIssuer({ issuer: 'https://auth.example.com' })
  expect(await createVerifier({ issuer, fetch })(await token())).toMatchObject({ user_id: 1 })
})

test('lives in the time it is given', async () => {
  let now = new Date('2030-01-01T00:00:00Z')
  const { token, verifier } = await createTestIssuer({ now: () => now, lifetimeSeconds: 60 })
  const minted = await token()
  expect(decodeJwt(minted)).toMatchObject({ iat: 1_893_456_000, exp: 1_893_456_060 })
  now = new Date('2030-01-01T00:00:59Z')
  await verifier(minted)
  now = new Date('2030-01-01T00:01:00Z')
  await expect(verifier(minted)).rejects.toMatchObject({ code: 'token_expired' })
})
