import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import type { Core } from '../core.ts'
import { expect, test, type TestClock } from '../testing/test.ts'
import { issueAccessToken } from './issue.ts'
import { putInForce } from '../testing/settings.ts'

const sessionId = randomUUID()
const issue = (core: Core, clock: TestClock) =>
  issueAccessToken(core, { accountId: 7, username: 'Zoë 🦊', sessionId, now: clock.now() })

test.for(['EdDSA', 'ES256', 'RS256'] as const)(
  'jose accepts a token for %s by the JWKS alone',
  async (signingAlgorithm, { createSigner, clock }) => {
    const core = await createSigner(signingAlgorithm, { audience: 'https://api.example.com' })
    const { payload, protectedHeader } = await jwtVerify(issue(core, clock), createLocalJWKSet(core.ring.jwks()), {
      algorithms: [signingAlgorithm],
      typ: 'at+jwt',
      issuer: core.issuer,
      audience: 'https://api.example.com',
      currentDate: clock.now(),
    })
    const iat = clock.now().getTime() / 1000
    expect(protectedHeader).toEqual({
      alg: signingAlgorithm,
      typ: 'at+jwt',
      kid: core.ring.active(core.clock.now()).id,
    })
    expect(payload).toMatchObject({ user_id: 7, sub: '7', sid: sessionId, username: 'Zoë 🦊', iat, exp: iat + 30 })
  },
)

test('jose accepts a token for HS256 with the secret', async ({ createSigner, clock }) => {
  const core = await createSigner('HS256')
  const { privateKey, id } = core.ring.active(core.clock.now())
  const options = { algorithms: ['HS256'], typ: 'at+jwt', issuer: core.issuer, currentDate: clock.now() }
  expect((await jwtVerify(issue(core, clock), privateKey, options)).protectedHeader.kid).toBe(id)
})

test('has exactly the claims of the contract', async ({ core, clock }) => {
  const { payload } = await jwtVerify(issue(core, clock), createLocalJWKSet(core.ring.jwks()), {
    currentDate: clock.now(),
  })
  expect(Object.keys(payload).toSorted()).toEqual(['exp', 'iat', 'iss', 'jti', 'sid', 'sub', 'user_id', 'username'])
})

test('names the key in every token, and no two tokens are the same', ({ core, clock }) => {
  const tokens = Array.from({ length: 100 }, () => issue(core, clock))
  expect(new Set(tokens).size).toBe(100)
  expect(new Set(tokens.map((token) => decodeProtectedHeader(token).kid))).toEqual(
    new Set([core.ring.active(core.clock.now()).id]),
  )
})

test('counts whole seconds, and the lifetime that is in force now', async ({ createInstance, clock }) => {
  const core = await createInstance()
  const now = new Date(clock.now().getTime() + 999)
  const lifetime = async () => {
    const token = issueAccessToken(core, { accountId: 1, username: '', sessionId, now })
    const { payload } = await jwtVerify(token, createLocalJWKSet(core.ring.jwks()), { currentDate: now })
    return { iat: payload.iat, seconds: (payload.exp ?? 0) - (payload.iat ?? 0) }
  }
  const iat = clock.now().getTime() / 1000
  expect(await lifetime()).toEqual({ iat, seconds: 30 })
  putInForce(core.settings, { ACCESS_TOKEN_LIFETIME: 60 })
  expect(await lifetime()).toEqual({ iat, seconds: 60 })
})
