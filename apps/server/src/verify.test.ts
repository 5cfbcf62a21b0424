import { COMMAND, type Core, compromiseKey, ERRORS, login, register, rotateKeys } from '@latchkey/core'
import { PASSWORD, ROOT_SECRET } from '@latchkey/core/testing'
import { createVerifier, refusal, TokenError, type VerifierOptions } from '@latchkey/verify'
import { Hono } from 'hono'
import { decodeJwt } from 'jose'
import type { Edge } from './edge/edge.ts'
import { mountJwks } from './mounts/jwks.ts'
import { startInstance } from './testing/instance.ts'
import { expect, test as base } from './testing/served.ts'

const AUDIENCE = 'https://api.example.com'

/** Other services, which check the tokens of a real server with `@latchkey/verify`. */
const test = base
  /** Serves a core, and makes a verifier of its tokens that counts what it asks. */
  .extend('serveVerifier', ({ serve, clock }) => async (core: Core, options: Partial<VerifierOptions> = {}) => {
    const none = () => new Hono<Edge>()
    const mounts = { health: none(), jwks: mountJwks({ core }), docs: none(), setup: none() }
    const port = await serve({ core, mounts })
    const asked: number[] = []
    const verifier = createVerifier({
      issuer: core.issuer,
      jwksUrl: `http://127.0.0.1:${port}/.well-known/jwks.json`,
      async fetch(url, init) {
        const answer = await fetch(url, init)
        asked.push(answer.status)
        return answer
      },
      now: () => clock.now(),
      ...options,
    })
    return { verifier, asked }
  })
  /** Logs in with a new account. */
  .extend('logInTo', () => async (core: Core) => {
    const email = `${crypto.randomUUID()}@example.com`
    await register(core, { email, password: PASSWORD })
    return await login(core, { email, password: PASSWORD })
  })

test.for(['EdDSA', 'ES256', 'RS256'] as const)(
  'another service gives the claims of a token for %s',
  async (algorithm, { createSigner, serveVerifier, logInTo }) => {
    const core = await createSigner(algorithm, { audience: AUDIENCE })
    const { verifier, asked } = await serveVerifier(core, { audience: AUDIENCE })
    for (let i = 0; i < 3; i++) {
      const { accessToken } = await logInTo(core)
      expect(await verifier(accessToken)).toEqual(decodeJwt(accessToken))
    }
    expect(asked).toEqual([200])
  },
)

test('a token for HS256 can be checked by its server alone, and nobody is asked about it', async ({
  createSigner,
  serveVerifier,
  logInTo,
}) => {
  const core = await createSigner('HS256')
  const { verifier, asked } = await serveVerifier(core)
  const { accessToken } = await logInTo(core)
  await expect(verifier(accessToken)).rejects.toMatchObject({ code: 'invalid_token', reason: 'algorithm' })
  expect(asked).toEqual([])
})

test('who keeps the keys as long as they say meets none that is new, through three rotations', async ({
  createSigner,
  serveVerifier,
  logInTo,
  clock,
}) => {
  const core = await createSigner('EdDSA')
  const { verifier, asked } = await serveVerifier(core, { cooldownSeconds: 86_400 })
  const kids = new Set<string>()
  for (let turn = 0; turn < 3; turn++) {
    const { at } = await rotateKeys(core, { actor: COMMAND })
    while (clock.now() <= at) {
      clock.advance(10)
      await core.ring.load()
      const { accessToken } = await logInTo(core)
      kids.add(core.ring.active(clock.now()).id)
      await verifier(accessToken)
    }
  }
  expect(kids.size).toBe(4)
  expect(new Set(asked)).toEqual(new Set([200, 304]))
  expect(asked.length).toBeLessThan(10)
})

test('a key that was compromised is believed until the keys have run out, its successor at once', async ({
  createSigner,
  serveVerifier,
  logInTo,
  clock,
}) => {
  const core = await createSigner('EdDSA', { settings: { ACCESS_TOKEN_LIFETIME: 3600 } })
  const { verifier, asked } = await serveVerifier(core)
  const { accessToken: stolen } = await logInTo(core)
  await verifier(stolen)
  const { believedElsewhereUntil } = await compromiseKey(core, core.ring.active(clock.now()).id, { actor: COMMAND })
  await core.ring.load()
  const { accessToken: next } = await logInTo(core)
  await verifier(next)
  await verifier(stolen)
  expect(asked).toEqual([200])
  clock.advance((believedElsewhereUntil.getTime() - clock.now().getTime()) / 1000)
  await expect(verifier(stolen)).rejects.toMatchObject({ code: 'invalid_token', reason: 'unknown_key' })
  await verifier(next)
})

test('a refusal elsewhere says what ours says', async ({ core, send, login: logIn, serveVerifier, clock }) => {
  const { verifier } = await serveVerifier(core)
  const { accessToken: expired } = await logIn()
  clock.advance(30)
  for (const token of ['', 'x', expired]) {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` }
    const ours = await send('GET', '/api/me/', { headers: { ...headers, 'x-request-id': 'r1' } })
    const error = await verifier(token).catch((thrown: unknown) => thrown)
    if (!(error instanceof TokenError)) throw error
    const theirs = refusal(error, { issuer: verifier.issuer, requestId: 'r1' })
    expect(theirs.status).toBe(ours.status)
    expect(theirs.headers['WWW-Authenticate']).toBe(ours.headers['www-authenticate'])
    expect(theirs.headers['Content-Type']).toBe(ours.headers['content-type'])
    // Elsewhere the link to the documentation leads here.
    expect(JSON.parse(theirs.body)).toEqual({ ...ours.json(), type: `${core.issuer}${ours.json().type}` })
  }
})

test('without keys it says so in our words', async ({ core }) => {
  const { status, body } = refusal(new TokenError('no_keys'), { issuer: core.issuer })
  const { title, meaning: detail } = ERRORS.unavailable
  expect(JSON.parse(body)).toMatchObject({ code: 'unavailable', status, title, detail })
  expect(status).toBe(ERRORS.unavailable.status)
})

test('once the server is gone, its tokens are checked as before', { timeout: 60_000 }, async ({ migratedDatabase }) => {
  const instance = await startInstance({
    DATABASE_URL: await migratedDatabase(),
    LATCHKEY_SECRET: ROOT_SECRET,
    PUBLIC_URL: 'https://auth.example',
    LATCHKEY_ACCESS_TOKEN_LIFETIME: '1h',
  })
  let passed = 0
  const verifier = createVerifier({
    issuer: 'https://auth.example',
    jwksUrl: `${instance.url}/.well-known/jwks.json`,
    now: () => new Date(Date.now() + passed * 1000),
  })
  const account = { email: 'ann@example.com', password: PASSWORD }
  const logIn = async () => String((await instance.post('/api/login/', account)).body.access_token)
  try {
    await instance.post('/api/register/', account)
    await verifier(await logIn())
    const unseen = await logIn()
    await instance.kill()
    passed = 3000
    expect(await verifier(unseen)).toMatchObject({ user_id: 1 })
    await expect(verifier(unseen.replace(/[^.]+$/, 'A'.repeat(86)))).rejects.toMatchObject({ reason: 'signature' })
    passed = 3600
    await expect(verifier(unseen)).rejects.toMatchObject({ code: 'token_expired' })
  } finally {
    await instance.kill()
  }
})
