import { describe, expect, test as base } from 'vitest'
import { type Call, FRAMEWORKS } from './fixtures/frameworks.ts'
import { createTestIssuer, type TestIssuer } from './testing.ts'
import { createVerifier, type Verifier } from './verifier.ts'

const REALM = 'Bearer realm="latchkey"'
const INVALID = `${REALM}, error="invalid_token", error_description="Invalid access token"`
const EXPIRED = `${REALM}, error="invalid_token", error_description="Access token expired"`

const test = base
  .extend('issuer', (): Promise<TestIssuer> => createTestIssuer())
  /** Starts the small service in a framework, with this verifier or that of the issuer. */
  .extend('serve', ({ issuer }, { onCleanup }) => {
    const closing: (() => Promise<void>)[] = []
    onCleanup(async () => {
      for (const close of closing) await close()
    })
    return async (framework: string, verifier: Verifier = issuer.verifier): Promise<Call> => {
      const { call, close } = await FRAMEWORKS[framework]!(verifier)
      closing.push(close)
      return call
    }
  })

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

describe.each(Object.keys(FRAMEWORKS))('%s', (framework) => {
  test('knows who calls', async ({ serve, issuer }) => {
    const call = await serve(framework)
    for (const path of ['/me', '/anybody']) {
      const answer = await call(path, bearer(await issuer.token({ user_id: 7 })))
      expect([answer.status, await answer.json()]).toEqual([200, { user_id: 7 }])
    }
  })

  test('asks for a token, and says nothing else to who sends none', async ({ serve, issuer }) => {
    const call = await serve(framework)
    for (const headers of [{}, { Authorization: 'Basic dXNlcjpwYXNz' }, { Authorization: 'Bearer' }]) {
      const answer = await call('/me', headers)
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toBe(REALM)
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/)
      expect(await answer.json()).toMatchObject({
        type: `${issuer.issuer}/docs/#description/missing_token`,
        title: 'Access token missing',
        status: 401,
        code: 'missing_token',
      })
    }
  })

  test('refuses a forged and an expired token, and tells them apart, on every route', async ({ serve, issuer }) => {
    const call = await serve(framework)
    for (const path of ['/me', '/anybody']) {
      for (const [token, code, challenge] of [
        [await issuer.forgedToken(), 'invalid_token', INVALID],
        ['two words', 'invalid_token', INVALID],
        [await issuer.expiredToken(), 'token_expired', EXPIRED],
      ] as const) {
        const answer = await call(path, bearer(token))
        expect(answer.status).toBe(401)
        expect(answer.headers.get('www-authenticate')).toBe(challenge)
        expect(await answer.json()).toMatchObject({ code, status: 401 })
      }
    }
  })

  test('tells no caller why', async ({ serve, issuer }) => {
    const call = await serve(framework)
    const bodies = [await issuer.forgedToken(), await issuer.token({ aud: 'https://other.test' }), 'x'].map(
      async (token) => (await call('/me', bearer(token))).text(),
    )
    expect(new Set((await Promise.all(bodies)).map((body) => body.replace(/"request_id":"[^"]*"/, ''))).size).toBe(1)
  })

  test('serves who is not logged in, where that is allowed', async ({ serve }) => {
    const call = await serve(framework)
    for (const headers of [{}, { Authorization: 'Basic dXNlcjpwYXNz' }]) {
      const answer = await call('/anybody', headers)
      expect([answer.status, await answer.json()]).toEqual([200, { user_id: null }])
    }
  })

  test('says when to come again while no key can be had; who sends no token need not', async ({ serve, issuer }) => {
    const fetch = () => Promise.reject(new Error('unreachable'))
    const call = await serve(framework, createVerifier({ issuer: issuer.issuer, fetch }))
    for (const path of ['/me', '/anybody']) {
      const answer = await call(path, bearer(await issuer.token()))
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
      expect(answer.headers.has('www-authenticate')).toBe(false)
      expect(await answer.json()).toMatchObject({ code: 'unavailable', status: 503 })
    }
    expect((await call('/anybody')).status).toBe(200)
  })

  test('repeats the id of the request, if it is a sane one', async ({ serve }) => {
    const call = await serve(framework)
    for (const [id, repeated] of [
      ['7f3c-2.1_a', true],
      ['<script>', false],
      ['a'.repeat(65), false],
    ] as const) {
      const text = await (await call('/me', { 'X-Request-Id': id })).text()
      expect(text.includes(`"request_id":"${id}"`)).toBe(repeated)
      expect(text.includes(id)).toBe(repeated)
    }
  })
})

test.for(['hono', 'express', 'fastify'])(
  'in %s a fault is a fault, and not a bad token',
  async (framework, { serve }) => {
    const broken = Object.assign(() => Promise.reject(new TypeError('broken')), {
      issuer: 'https://auth.test',
      ready: async () => {},
    })
    const call = await serve(framework, broken)
    for (const path of ['/me', '/anybody']) expect((await call(path, bearer('x'))).status).toBe(500)
  },
)

test.for(['express', 'fastify'])(
  'in %s a route that forgot to ask for a token answers nobody',
  async (framework, { serve, issuer }) => {
    const call = await serve(framework)
    expect((await call('/forgotten', bearer(await issuer.token()))).status).toBe(500)
  },
)
