import { randomUUID } from 'node:crypto'
import { CompactSign, decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { SIGNING_ALGORITHMS } from '../signing-keys/signing-key.ts'
import { tendKeys } from '../signing-keys/tend.ts'
import { QUICK_KEYS, switchKey } from '../testing/keys.ts'
import { test as base, expect } from '../testing/test.ts'
import { checkAccessToken } from './check.ts'
import { issueAccessToken } from './issue.ts'

const AUDIENCE = 'https://api.example.com'
/** As if every key were compromised. */
const TAKE_KEYS = statement<{ id: string }>('test.take-keys', 'delete from signing_key returning id')

const INVALID = expect.objectContaining({ code: 'invalid_token' })
const EXPIRED = expect.objectContaining({ code: 'token_expired' })

const sessionId = randomUUID()
const issue = (core: Core, now = core.clock.now()) =>
  issueAccessToken(core, { accountId: 7, username: 'Zoë', sessionId, now })

const test = base.extend('token', ({ core }) => issue(core))

/** Signs any payload with our own active key, under our own header but for what `change` says. By jose, not by us. */
function signed(core: Core, payload: unknown, change: object = {}): Promise<string> {
  const { algorithm, id, privateKey } = core.ring.active(core.clock.now())
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return new CompactSign(Buffer.from(text))
    .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: id, ...change })
    .sign(privateKey, { crit: { b64: true } })
}

test.for(SIGNING_ALGORITHMS)('accepts its own token for %s', async (signingAlgorithm, { createSigner, clock }) => {
  const core = await createSigner(signingAlgorithm, { audience: AUDIENCE })
  expect(checkAccessToken(core, issue(core))).toEqual({
    accountId: 7,
    sessionId,
    username: 'Zoë',
    issuedAt: clock.now(),
    expiresAt: new Date(clock.now().getTime() + 30_000),
    id: expect.stringMatching(/^[\w-]{22,}$/),
  })
})

test('accepts a token that jose signed with our key', async ({ core, token }) => {
  expect(checkAccessToken(core, await signed(core, decodeJwt(token))).accountId).toBe(7)
})

test('accepts a token of a key that no longer signs', async ({ createSigner, clock }) => {
  const core = await createSigner('EdDSA', { settings: QUICK_KEYS })
  const token = issue(core)
  await switchKey(core, clock)
  expect(decodeProtectedHeader(issue(core)).kid).not.toBe(decodeProtectedHeader(token).kid)
  expect(checkAccessToken(core, token).accountId).toBe(7)
})

test('accepts a token of a database that is ahead of this process', ({ core, clock }) => {
  expect(checkAccessToken(core, issue(core, new Date(clock.now().getTime() + 5000))).accountId).toBe(7)
})

test('accepts a token with the longest username there can be', async ({ createSigner, clock }) => {
  const core = await createSigner('RS256', { audience: AUDIENCE })
  for (const username of ['🦊'.repeat(150), '\u0001'.repeat(150)]) {
    const token = issueAccessToken(core, { accountId: 2_147_483_647, username, sessionId, now: clock.now() })
    expect(checkAccessToken(core, token).username).toBe(username)
  }
})

test('a token has expired at its exp, and not a millisecond before', ({ core, clock, token }) => {
  clock.advance(29.999)
  expect(checkAccessToken(core, token).accountId).toBe(7)
  clock.advance(0.001)
  expect(() => checkAccessToken(core, token)).toThrow(EXPIRED)
})

test('a token that was seen before is refused once its key is gone', async ({ core, token }) => {
  checkAccessToken(core, token)
  const keys = await core.db.many(TAKE_KEYS, [])
  await tendKeys(core)
  expect(() => checkAccessToken(core, token)).toThrow(INVALID)
  expect(keys).not.toEqual([])
})

test('of more tokens than it remembers it forgets some, and knows all', { timeout: 60_000 }, async ({
  createSigner,
}) => {
  const core = await createSigner('HS256')
  const first = issue(core)
  for (let i = 0; i < 12_000; i++) checkAccessToken(core, issue(core))
  expect(core.checkedTokens.size).toBeLessThan(12_000)
  expect(checkAccessToken(core, first).accountId).toBe(7)
})

test('that a token has expired is said only of one that was right', async ({ core, clock, token }) => {
  const unsigned = token.replace(/[^.]+$/, 'A'.repeat(86))
  const elsewhere = await signed(core, { ...decodeJwt(token), iss: 'https://other.example.com' })
  clock.advance(60)
  for (const wrong of [unsigned, elsewhere]) expect(() => checkAccessToken(core, wrong)).toThrow(INVALID)
})

/** Payloads that our own key signed, and that are none of ours, made of a good one. */
const WRONG_PAYLOADS: [string, (good: JWTPayload) => unknown][] = [
  ['another issuer', (good) => ({ ...good, iss: 'http://localhost:8000/' })],
  ['no issuer', ({ iss, ...others }) => others],
  ['an audience where we have none', (good) => ({ ...good, aud: AUDIENCE })],
  ['an nbf to come', (good) => ({ ...good, nbf: Number(good.iat) + 1 })],
  ['an exp that is text', (good) => ({ ...good, exp: String(good.exp) })],
  ['no exp', ({ exp, ...others }) => others],
  ['an exp that no date can hold', (good) => ({ ...good, exp: 8_640_000_000_001 })],
  ['an endless exp', (good) => JSON.stringify(good).replace(/"exp":\d+/, '"exp":1e999')],
  ['a user_id that is text', (good) => ({ ...good, user_id: '7' })],
  ['a fraction as user_id', (good) => ({ ...good, user_id: 7.5, sub: '7.5' })],
  ['the sub of another account', (good) => ({ ...good, sub: '8' })],
  ['a sid that is no UUID', (good) => ({ ...good, sid: `${sessionId}' or true` })],
  ['a username that is null', (good) => ({ ...good, username: null })],
  ['no jti', ({ jti, ...others }) => others],
  ['a list around it', (good) => [good]],
  ['null instead', () => null],
  ['no JSON', () => 'user_id=7'],
  ['nothing in it', () => ''],
]

test.for(WRONG_PAYLOADS)('refuses a payload with %s, though our key signed it', async ([, change], { core, token }) => {
  const wrong = await signed(core, change(decodeJwt(token)))
  expect(() => checkAccessToken(core, wrong)).toThrow(INVALID)
})

test('refuses a token of more than 4096 characters, though our key signed it', async ({ core, token }) => {
  const padded = (length: number) => signed(core, { ...decodeJwt(token), padding: 'a'.repeat(length) })
  expect(checkAccessToken(core, await padded(2500)).accountId).toBe(7)
  const huge = await padded(3000)
  expect(() => checkAccessToken(core, huge)).toThrow(INVALID)
})

test('refuses a token for another audience, or for none, where we have one', async ({ createInstance, core }) => {
  const ours = await createInstance({ audience: AUDIENCE })
  const good = decodeJwt(issue(ours))
  const others = ['https://other.example.com', '', [], null].map((aud) => signed(ours, { ...good, aud }))
  for (const other of [issue(core), ...(await Promise.all(others))]) {
    expect(() => checkAccessToken(ours, other)).toThrow(INVALID)
  }
  expect(checkAccessToken(ours, await signed(ours, good)).accountId).toBe(7)
})

/** What our own key signed under a header that is not the one it signs. */
const WRONG_HEADERS: [string, object][] = [
  ['typ JWT', { typ: 'JWT' }],
  ['no typ', { typ: undefined }],
  ['a typ in capitals', { typ: 'AT+JWT' }],
  ['no kid', { kid: undefined }],
  ['the kid of nobody', { kid: 'nobody' }],
  ['a kid that is a path', { kid: '../../../../dev/null' }],
  ['a kid that every object has', { kid: '__proto__' }],
  ['jku', { jku: 'https://evil.example.com/jwks.json' }],
  ['x5u', { x5u: 'https://evil.example.com/cert.pem' }],
  ['x5c', { x5c: ['MIIB'] }],
  ['jwk', { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' } }],
  ['crit', { crit: ['b64'], b64: true }],
  ['cty', { cty: 'JWT' }],
]

test.for(WRONG_HEADERS)('refuses a header with %s, though our key signed it', async ([, change], { core, token }) => {
  const wrong = await signed(core, decodeJwt(token), change)
  expect(() => checkAccessToken(core, wrong)).toThrow(INVALID)
})
