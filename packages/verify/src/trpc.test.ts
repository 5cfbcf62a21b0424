import { initTRPC } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { expect, test as base } from 'vitest'
import { createTestIssuer, type TestIssuer } from './testing.ts'
import { type HeadersContext, optionalToken, requireToken, responseMeta } from './trpc.ts'
import { createVerifier, type Verifier } from './verifier.ts'

/** A service with a context and meta data of its own, as services have. */
interface Context extends HeadersContext {
  greeting: string
}

const t = initTRPC.context<Context>().meta<{ audited?: boolean }>().create()

function createRouter(verifier: Verifier) {
  return t.router({
    me: t.procedure
      .meta({ audited: true })
      .use(requireToken(verifier))
      .query(({ ctx }) => `${ctx.greeting} ${ctx.claims.user_id}`),
    anybody: t.procedure.use(optionalToken(verifier)).query(({ ctx }) => ctx.claims?.user_id ?? null),
    open: t.procedure.query(({ ctx }) => ctx.greeting),
  })
}

const test = base
  .extend('issuer', (): Promise<TestIssuer> => createTestIssuer())
  .extend('call', ({ issuer }) => async (path: string, token?: string, verifier: Verifier = issuer.verifier) => {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    return await fetchRequestHandler({
      endpoint: '/trpc',
      req: new Request(`http://service.test/trpc/${path}`, { headers }),
      router: createRouter(verifier),
      createContext: ({ req }) => ({ headers: req.headers, greeting: 'Hello' }),
      responseMeta,
    })
  })

test('a procedure knows who calls, and keeps its own context', async ({ call, issuer }) => {
  const token = await issuer.token({ user_id: 7 })
  expect(await (await call('me', token)).json()).toEqual({ result: { data: 'Hello 7' } })
  expect(await (await call('anybody', token)).json()).toEqual({ result: { data: 7 } })
  expect(await (await call('anybody')).json()).toEqual({ result: { data: null } })
})

test('who has no good token is refused with the status and the headers of any other refusal', async ({
  call,
  issuer,
}) => {
  for (const [token, message, challenge] of [
    [undefined, 'Access token missing', /^Bearer realm="latchkey"$/],
    [await issuer.forgedToken(), 'Invalid access token', /error="invalid_token"/],
    [await issuer.expiredToken(), 'Access token expired', /error_description="Access token expired"/],
  ] as const) {
    const answer = await call('me', token)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(challenge)
    expect(await answer.json()).toMatchObject({ error: { message, data: { code: 'UNAUTHORIZED' } } })
  }
  expect((await call('anybody', await issuer.expiredToken())).status).toBe(401)
})

test('a batch is refused for the one call that needs a token', async ({ call }) => {
  const answer = await call('open,me?batch=1')
  expect(answer.status).toBe(207)
  expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="latchkey"')
  expect(await answer.json()).toMatchObject([
    { result: { data: 'Hello' } },
    { error: { message: 'Access token missing' } },
  ])
})

test('says when to come again while no key can be had', async ({ call, issuer }) => {
  const verifier = createVerifier({ issuer: issuer.issuer, fetch: () => Promise.reject(new Error('unreachable')) })
  const answer = await call('me', await issuer.token(), verifier)
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('1')
})

test('the headers may be those of node:http, too', async ({ issuer }) => {
  const caller = createRouter(issuer.verifier).createCaller
  const authorization = `Bearer ${await issuer.token({ user_id: 7 })}`
  expect(await caller({ headers: { authorization }, greeting: 'Hello' }).me()).toBe('Hello 7')
  await expect(caller({ headers: {}, greeting: 'Hello' }).me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
})

test('of other errors it says nothing', () => {
  expect(responseMeta({ errors: [] })).toEqual({ headers: {} })
})
