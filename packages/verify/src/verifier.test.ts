import type { JWTPayload } from 'jose'
import { publishing } from './fixtures/key-server.ts'
import { createSigner } from './fixtures/signer.ts'
import { expect, ISSUER, test } from './fixtures/test.ts'
import { createVerifier } from './verifier.ts'

const AUDIENCE = 'https://api.example.com'

test.for(['EdDSA', 'ES256', 'RS256'])(
  'gives the claims of a good token for %s',
  async (alg, { keyServer, verifier, claims }) => {
    const signer = await createSigner(alg)
    keyServer.answer(publishing([signer]))
    expect(await verifier(await signer.sign(claims))).toEqual(claims)
  },
)

test('gives nothing that it was not asked for, and nothing that can be changed', async ({
  verifier,
  signer,
  claims,
}) => {
  const token = await signer.sign({ ...claims, role: 'admin' })
  const found = await verifier(token)
  expect(found).not.toHaveProperty('role')
  expect(() => Object.assign(found, { user_id: 1 })).toThrow(TypeError)
  expect(await verifier(token)).toEqual(claims)
})

test.for([undefined, null, ''])('without a token it says so: %j', async (none, { verifier, keyServer }) => {
  await expect(verifier(none)).rejects.toMatchObject({ code: 'missing_token', reason: 'missing', status: 401 })
  expect(keyServer.requests).toHaveLength(0)
})

test('a token has expired at its exp, and not a millisecond before, seen before or not', async ({
  verifier,
  clock,
  signer,
  makeClaims,
}) => {
  const [seen, unseen] = [await signer.sign(makeClaims()), await signer.sign(makeClaims())]
  await verifier(seen)
  clock.advance(29.999)
  await verifier(seen)
  clock.advance(0.001)
  for (const token of [seen, unseen]) {
    await expect(verifier(token)).rejects.toMatchObject({ code: 'token_expired', reason: 'expired', status: 401 })
  }
})

test('the leeway is for clocks that go before, and for those that go after', async ({
  makeVerifier,
  clock,
  signer,
  claims,
}) => {
  const verifier = makeVerifier({ leewaySeconds: 5 })
  const token = await signer.sign({ ...claims, nbf: claims.iat })
  clock.advance(-5)
  await verifier(token)
  clock.advance(39.999)
  await verifier(token)
  clock.advance(0.001)
  await expect(verifier(token)).rejects.toMatchObject({ reason: 'expired' })
  clock.advance(-40.001)
  await expect(verifier(token)).rejects.toMatchObject({ code: 'invalid_token', reason: 'not_yet_valid' })
})

test('accepts a token of a server that is ahead of this process', async ({ verifier, signer, claims }) => {
  expect(await verifier(await signer.sign({ ...claims, iat: claims.iat + 5 }))).toMatchObject({ user_id: 7 })
})

test('that a token has expired is said only of one that was right', async ({
  verifier,
  clock,
  signer,
  claims,
  token,
}) => {
  const unsigned = token.replace(/[^.]+$/, 'A'.repeat(86))
  const elsewhere = await signer.sign({ ...claims, iss: 'https://other.example.com' })
  clock.advance(60)
  for (const wrong of [unsigned, elsewhere])
    await expect(verifier(wrong)).rejects.toMatchObject({ code: 'invalid_token' })
})

/** What our own key signed, and is no access token of ours: payload and header, made of good ones; and why not. */
const WRONG: [string, (good: JWTPayload) => unknown, object, string][] = [
  ['of another issuer', (good) => ({ ...good, iss: `${ISSUER}/` }), {}, 'issuer'],
  ['without an issuer', ({ iss, ...others }) => others, {}, 'claims'],
  ['for somebody, where we are nobody', (good) => ({ ...good, aud: AUDIENCE }), {}, 'audience'],
  ['for several', (good) => ({ ...good, aud: [AUDIENCE] }), {}, 'claims'],
  ['with an nbf to come', (good) => ({ ...good, nbf: Number(good.iat) + 1 }), {}, 'not_yet_valid'],
  ['with an exp that is text', (good) => ({ ...good, exp: String(good.exp) }), {}, 'claims'],
  ['without an exp', ({ exp, ...others }) => others, {}, 'claims'],
  ['with an endless exp', (good) => JSON.stringify(good).replace(/"exp":\d+/, '"exp":1e999'), {}, 'claims'],
  ['with a user_id that is text', (good) => ({ ...good, user_id: '7' }), {}, 'claims'],
  ['with a fraction as user_id', (good) => ({ ...good, user_id: 7.5, sub: '7.5' }), {}, 'claims'],
  ['with the sub of another account', (good) => ({ ...good, sub: '8' }), {}, 'claims'],
  ['without a sid', ({ sid, ...others }) => others, {}, 'claims'],
  ['with a username that is null', (good) => ({ ...good, username: null }), {}, 'claims'],
  ['without a jti', ({ jti, ...others }) => others, {}, 'claims'],
  ['that is a list', (good) => [good], {}, 'claims'],
  ['that is null', () => null, {}, 'claims'],
  ['that is no JSON', () => 'user_id=7', {}, 'claims'],
  ['that is no access token (an ID token)', (good) => good, { typ: 'JWT' }, 'typ'],
  ['that does not say what it is', (good) => good, { typ: undefined }, 'typ'],
  ['that names no key', (good) => good, { kid: undefined }, 'malformed'],
  ['that names a key by a number', (good) => good, { kid: 7 }, 'malformed'],
  ['that names a key nobody has', (good) => good, { kid: '__proto__' }, 'unknown_key'],
  ['that asks to be understood', (good) => good, { crit: ['exp'], exp: 1 }, 'critical'],
  ['whose payload is not encoded', (good) => JSON.stringify(good), { crit: ['b64'], b64: true }, 'critical'],
]

test.for(WRONG)(
  'refuses a token %s, though our key signed it',
  async ([, change, header, reason], { verifier, signer, claims }) => {
    const wrong = await signer.sign(change({ ...claims }), header)
    await expect(verifier(wrong)).rejects.toMatchObject({ code: 'invalid_token', reason })
  },
)

test('a type may be written in full, and in any letter case', async ({ verifier, signer, claims }) => {
  for (const typ of ['application/at+jwt', 'AT+JWT']) await verifier(await signer.sign(claims, { typ }))
})

test('where we are somebody, tokens for others and for nobody are refused', async ({
  makeVerifier,
  signer,
  makeClaims,
}) => {
  const verifier = makeVerifier({ audience: AUDIENCE })
  expect(await verifier(await signer.sign(makeClaims({ aud: AUDIENCE })))).toMatchObject({ aud: AUDIENCE })
  for (const claims of [makeClaims({ aud: 'https://other.example.com' }), makeClaims()]) {
    await expect(verifier(await signer.sign(claims))).rejects.toMatchObject({ reason: 'audience' })
  }
})

test('refuses a token of more than 4096 characters, though our key signed it', async ({ verifier, signer, claims }) => {
  expect(await verifier(await signer.sign({ ...claims, padding: 'a'.repeat(2500) }))).toMatchObject({ user_id: 7 })
  const huge = await signer.sign({ ...claims, padding: 'a'.repeat(3000) })
  await expect(verifier(huge)).rejects.toMatchObject({ reason: 'malformed' })
})

test.for(['no url', '', 'ftp://auth.example.com', 'auth.example.com'])('an issuer is a URL: %j', (issuer) => {
  expect(() => createVerifier({ issuer })).toThrow(TypeError)
})

test('an issuer may be written with a slash at its end, as people do', async ({ makeVerifier, token }) => {
  const verifier = makeVerifier({ issuer: `${ISSUER}/` })
  expect(verifier.issuer).toBe(ISSUER)
  await verifier(token)
})
