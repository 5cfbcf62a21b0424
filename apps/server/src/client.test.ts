import { appRouter, operationsOf } from '@latchkey/api'
import { isLatchkeyError, LatchkeyError } from '@latchkey/client'
import { PASSWORD } from '@latchkey/core/testing'
import { expect, test } from './testing/client-world.ts'

const REFRESH = '/trpc/auth.refresh'

test('registers, logs in, refreshes by itself, calls and logs out', async ({ openPage, network, time }) => {
  const { client, heard } = openPage()
  const account = { email: `${crypto.randomUUID()}@example.com`, password: PASSWORD }
  const { id } = await client.register(account)
  const session = await client.login(account)
  expect(session).toMatchObject({ userId: id, username: '', user: null })
  expect(await client.me()).toEqual({ id, username: '', email: account.email })
  await time.advance(120_000)
  expect(await client.updateMe({ username: 'Ann' })).toMatchObject({ username: 'Ann' })
  expect(network.to(REFRESH).map(({ status }) => status)).toEqual([200, 200, 200, 200])
  await client.logout()
  expect(client.session()).toBeNull()
  await expect(client.me()).rejects.toMatchObject({ code: 'missing_token', status: 401 })
  expect(heard).toEqual([
    'INITIAL_SESSION',
    'SIGNED_IN',
    'USER_UPDATED',
    ...Array.from({ length: 4 }, () => 'TOKEN_REFRESHED'),
    'USER_UPDATED',
    'SIGNED_OUT',
  ])
})

test('tells what is wrong by a code, and everything else that the server says', async ({ openPage, makeAccount }) => {
  const { client } = openPage()
  const { email } = await makeAccount()
  const error = await client.register({ email, password: PASSWORD }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(LatchkeyError)
  expect(error).toMatchObject({
    name: 'LatchkeyError',
    code: 'email_taken',
    status: 409,
    requestId: expect.any(String),
  })
  const { data, error: invalid } = await client.safe.register({ email: 'x', password: PASSWORD })
  expect({ data, code: invalid?.code, fields: invalid?.fields }).toMatchObject({
    data: null,
    code: 'invalid_input',
    fields: [{ path: ['email'] }],
  })
  // Straight by the procedure, too.
  const thrown = await client.api.auth.login.mutate({ email, password: 'wrong' }).catch((e: unknown) => e)
  expect(isLatchkeyError(thrown) && thrown.code).toBe('invalid_credentials')
  expect((await client.safe.api.me.get.query()).error?.code).toBe('missing_token')
})

test('a token that the server refuses is refreshed, and the call made once more: a mutation, too', async ({
  signedIn,
  network,
  clock,
}) => {
  const { client } = await signedIn()
  clock.advance(31)
  expect(await client.updateMe({ username: 'Ann' })).toMatchObject({ username: 'Ann' })
  expect(network.requests.map(({ path, status }) => [path, status])).toEqual([
    ['/trpc/me.update', 401],
    [REFRESH, 200],
    ['/trpc/me.update', 200],
  ])
})

test('each call of a batch is tried again by itself, with one refresh for all', async ({
  signedIn,
  network,
  clock,
}) => {
  const { client } = await signedIn()
  clock.advance(31)
  const found = await Promise.all([
    client.me(),
    client.sessions.list(),
    client.safe.api.admin.users.show.query({ id: 1 }),
    client.sessions.endOthers(),
  ])
  expect(found).toMatchObject([{ username: '' }, [{ current: true }], { error: { code: 'admin_required' } }, 0])
  expect(network.to(REFRESH)).toHaveLength(1)
  expect(network.requests).toHaveLength(5)
})

test('a refusal that a new token would not change is not answered with a refresh each time', async ({
  signedIn,
  network,
}) => {
  const { client } = await signedIn()
  network.decide(({ path }) => (path === '/notes' ? new Response(null, { status: 401 }) : 'delivered'))
  const url = 'http://127.0.0.1/notes'
  const answers = await Promise.all([client.fetch(url), client.fetch(url), client.fetch(url)])
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
  expect((await client.fetch(url)).status).toBe(401)
  expect(network.to(REFRESH)).toHaveLength(1)
})

test('procedures without a token wait for no refresh, and all others carry one', async ({ signedIn, network }) => {
  const { client } = await signedIn()
  for (const { name, method } of operationsOf(appRouter)) {
    // The end of the session would be the end of this test.
    if (name === 'auth.logout') continue
    const procedure = name
      .split('.')
      .reduce<unknown>((object, key) => Reflect.get(object as object, key), client.safe.api)
    await (Reflect.get(procedure as object, method === 'GET' ? 'query' : 'mutate') as (input: object) => unknown)({})
  }
  const withToken = operationsOf(appRouter).filter(({ session }) => session)
  const carried = network.requests.filter(({ headers }) => headers.has('authorization')).map(({ path }) => path)
  expect(new Set(carried)).toEqual(new Set(withToken.map(({ name }) => `/trpc/${name}`)))
})

test('a login goes on while a refresh hangs', async ({ signedIn, network, time, makeAccount }) => {
  const { client } = await signedIn()
  await time.advance(24_000)
  network.decide(({ path }) => (path === REFRESH ? 'swallowed' : 'delivered'))
  await time.advance(6000)
  const { id, ...other } = await makeAccount()
  expect(await client.login(other)).toMatchObject({ userId: id })
  expect(await client.me()).toMatchObject({ email: other.email })
})

test('what ends the session on the server ends it here, however it was called', async ({ signedIn, makeAccount }) => {
  const { client, heard } = await signedIn()
  await client.sessions.end(client.session()?.id ?? '')
  expect(client.session()).toBeNull()
  const { email, password } = await makeAccount()
  await client.api.auth.login.mutate({ email, password })
  expect(client.session()).toMatchObject({ username: '' })
  await client.deleteMe({ password })
  expect(client.session()).toBeNull()
  await Promise.resolve()
  expect(heard).toEqual(['INITIAL_SESSION', 'SIGNED_IN', 'SIGNED_OUT', 'SIGNED_IN', 'SIGNED_OUT'])
})

test('what was asked before a change and answered after it does not undo it', async ({ signedIn, network }) => {
  const { client } = await signedIn()
  const held = Promise.withResolvers<void>()
  network.decide(({ path }) => (path === '/trpc/me.get' ? held.promise : 'delivered'))
  const early = client.me()
  await network.settled()
  await client.updateMe({ username: 'Ann' })
  held.resolve()
  expect(await early).toMatchObject({ username: '' })
  expect(client.session()).toMatchObject({ username: 'Ann', user: { username: 'Ann' } })
})

test('each login carries the device proof of the one before, across a logout', async ({ signedIn, network }) => {
  const { client, account } = await signedIn()
  await client.logout()
  await client.login(account)
  const [first, second] = network.all.filter(({ path }) => path === '/trpc/auth.login')
  expect(first?.headers.get('latchkey-device')).toBeNull()
  expect(second?.headers.get('latchkey-device')).toMatch(/\S{20}/)
})

test('a call ends when its signal says so, whatever it waits for', async ({ signedIn, network, time }) => {
  const { client } = await signedIn()
  network.decide(() => 'swallowed')
  const ending = new AbortController()
  const calls = [client.safe.me({ signal: ending.signal }), client.safe.me({ signal: AbortSignal.timeout(1) })]
  await network.settled()
  ending.abort()
  expect((await Promise.all(calls)).map(({ error }) => error?.code)).toEqual(['aborted', 'timeout'])
  await time.advance(60_000)
  const later = client.safe.me({ signal: AbortSignal.abort() })
  expect((await later).error?.code).toBe('aborted')
})

test.for([
  ['a page of a captive portal', new Response('<html>Welcome!</html>', { status: 200 }), 'unreadable_answer', 200],
  ['a gateway', new Response('no upstream', { status: 502, headers: { 'retry-after': '7' } }), 'unavailable', 502],
  ['a gateway that speaks JSON', Response.json({ message: 'no' }, { status: 503 }), 'unavailable', 503],
  ['another service', Response.json({ result: 1 }), 'unreadable_answer', undefined],
  ['a firewall', new Response('slow down', { status: 429 }), 'too_many_requests', 429],
] as const)('%s is told from the server', async ([, answer, code, status], { openPage, network }) => {
  const { client } = openPage()
  network.decide(() => answer)
  const { error } = await client.safe.login({ email: 'a@example.com', password: PASSWORD })
  expect(error).toMatchObject({ code, status, retryAfter: status === 502 ? 7 : undefined })
  expect(client.session()).toBeNull()
})

test('no connection is told from everything else', async ({ openPage, network }) => {
  const { client } = openPage()
  network.decide(() => 'refused')
  await expect(client.register({ email: 'a@example.com', password: PASSWORD })).rejects.toMatchObject({
    code: 'offline',
    status: undefined,
  })
})
