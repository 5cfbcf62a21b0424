import { createDevice, type SimulatedTime } from '@latchkey/client/testing'
import type { Latchkey } from '@latchkey/client'
import { expect, test } from './testing/client-world.ts'

const LIFETIME = 30_000
const MINUTE = 60_000
const REFRESH = '/trpc/auth.refresh'

/** Calls every two seconds, for a time. Some calls wait for it to go on. */
async function stayBusy(client: Latchkey, time: SimulatedTime, milliseconds: number): Promise<void> {
  const calls: Promise<unknown>[] = []
  for (let passed = 0; passed < milliseconds; passed += 2000) {
    calls.push(client.me())
    await time.advance(2000)
  }
  await Promise.all(calls)
}

test('a busy page refreshes about once in a lifetime, and no call meets a 401', async ({ signedIn, network, time }) => {
  const { client } = await signedIn()
  await stayBusy(client, time, 20 * LIFETIME)
  expect(network.to(REFRESH).length).toBeLessThanOrEqual(22)
  expect(network.requests.filter(({ status }) => status !== 200)).toEqual([])
})

test.for([-15 * MINUTE, 15 * MINUTE])(
  'a clock that is off by %i ms makes no difference',
  async (clockError, { signedIn, network, time }) => {
    const { client } = await signedIn({}, createDevice({ time, clockError }))
    await stayBusy(client, time, 5 * LIFETIME)
    expect(network.to(REFRESH).length).toBeLessThanOrEqual(6)
    expect(network.requests.filter(({ status }) => status !== 200)).toEqual([])
  },
)

test.for([-15 * MINUTE, 15 * MINUTE])(
  'a clock that is set by %i ms costs a refresh at the most, here and after a reload',
  async (by, { signedIn, openPage, network, time, device }) => {
    const { client } = await signedIn()
    await time.advance(5000)
    device.setClock(by)
    expect(await client.me()).toMatchObject({ username: '' })
    const reloaded = openPage()
    expect(await reloaded.client.me()).toMatchObject({ username: '' })
    await stayBusy(client, time, LIFETIME)
    expect(network.to(REFRESH).length).toBeLessThanOrEqual(3)
    expect(network.requests.filter(({ status }) => status !== 200)).toEqual([])
  },
)

test('after a night of sleep the first call waits for one refresh, and nobody is logged out', async ({
  signedIn,
  network,
  time,
  device,
}) => {
  const { client, heard } = await signedIn()
  device.sleep()
  await time.advance(8 * 60 * MINUTE)
  expect(network.requests).toEqual([])
  device.wake()
  expect(await client.me()).toMatchObject({ username: '' })
  expect(network.requests.map(({ path, status }) => [path, status])).toEqual([
    [REFRESH, 200],
    ['/trpc/me.get', 200],
  ])
  expect(heard).not.toContain('SIGNED_OUT')
})

test('a page that nobody sees and that does nothing stops refreshing; its next call waits for one', async ({
  signedIn,
  network,
  time,
}) => {
  const { client, hide, show } = await signedIn()
  hide()
  await time.advance(10 * LIFETIME)
  expect(network.to(REFRESH).length).toBeLessThanOrEqual(2)
  network.forget()
  await client.me()
  await time.advance(10 * LIFETIME)
  expect(network.to(REFRESH).length).toBeLessThanOrEqual(3)
  network.forget()
  show()
  await time.advance(0)
  expect(network.to(REFRESH)).toHaveLength(1)
})

test('a reply that is lost is asked for again with the same key, and gets the same session', async ({
  signedIn,
  network,
  time,
}) => {
  const { client, heard } = await signedIn()
  let lost = 0
  network.decide(({ path }) => (path === REFRESH && ++lost <= 2 ? 'reply-lost' : 'delivered'))
  await stayBusy(client, time, 2 * LIFETIME)
  const [first, second, third] = network.to(REFRESH)
  expect(first?.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/)
  expect([second, third]).toMatchObject([{ body: first?.body }, { body: first?.body, status: 200 }])
  expect(new Set([first, second, third].map((sent) => sent?.headers.get('idempotency-key'))).size).toBe(1)
  expect(heard).not.toContain('SIGNED_OUT')
})

test('whoever comes back after minutes, in a page loaded anew, gets the successor that never arrived', async ({
  signedIn,
  openPage,
  network,
  time,
}) => {
  const { client, account } = await signedIn()
  network.decide(({ path }) => (path === REFRESH ? 'reply-lost' : 'delivered'))
  await time.advance(29_000)
  client.close()
  network.decide(() => 'refused')
  await time.advance(4 * MINUTE)
  network.decide(() => 'delivered')
  const { client: reloaded, heard } = openPage()
  await time.advance(0)
  expect(await reloaded.me()).toMatchObject({ email: account.email })
  expect(heard).toEqual(['INITIAL_SESSION', 'TOKEN_REFRESHED', 'USER_UPDATED'])
})

test('in an outage of ten minutes the server is asked ever more seldom, and found when it is back', async ({
  signedIn,
  network,
  time,
}) => {
  const { client, heard } = await signedIn()
  await stayBusy(client, time, 10_000)
  network.forget()
  network.decide(() => 'refused')
  for (let passed = 0; passed < 10 * MINUTE; passed += 2000) {
    await time.advance(2000)
    const { error } = await client.safe.me()
    if (passed > LIFETIME) expect(error).toMatchObject({ code: 'offline', retryAfter: expect.any(Number) })
  }
  expect(network.to(REFRESH).length).toBeLessThanOrEqual(35)
  network.decide(() => 'delivered')
  await time.advance(30_000)
  expect(await client.me()).toMatchObject({ username: '' })
  expect(heard).not.toContain('SIGNED_OUT')
})

test('in an outage a token is used to its last second', async ({ signedIn, network, time }) => {
  const { client } = await signedIn()
  network.decide(({ path }) => (path === REFRESH ? 'refused' : 'delivered'))
  await time.advance(29_500)
  expect((await client.safe.me()).error).toBeNull()
  await time.advance(1000)
  expect((await client.safe.me()).error?.code).toBe('offline')
})

test('when the network is back, nobody waits for the end of a pause', async ({ signedIn, network, time, device }) => {
  const { client } = await signedIn()
  network.decide(() => 'refused')
  await time.advance(5 * MINUTE)
  network.decide(() => 'delivered')
  network.forget()
  device.goOnline()
  await time.advance(1000)
  expect(network.to(REFRESH).map(({ status }) => status)).toEqual([200])
  expect(await client.me()).toMatchObject({ username: '' })
})

test('who is told to wait waits that long', async ({ signedIn, network, time }) => {
  const { client } = await signedIn()
  const busy = new Response('slow down', { status: 429, headers: { 'retry-after': '120' } })
  network.decide(({ path }) => (path === REFRESH ? busy : 'delivered'))
  await time.advance(LIFETIME)
  expect(network.to(REFRESH)).toHaveLength(1)
  const { error } = await client.safe.me()
  expect(error).toMatchObject({ code: 'too_many_requests' })
  expect(error?.retryAfter).toBeGreaterThan(100)
  network.decide(() => 'delivered')
  await time.advance(80_000)
  expect(network.to(REFRESH)).toHaveLength(1)
  await time.advance(60_000)
  expect(network.to(REFRESH).length).toBeGreaterThan(1)
  expect(await client.me()).toMatchObject({ username: '' })
})

const forbidden = {
  error: { message: 'x', code: -32001, data: { code: 'invalid_token', status: 401, requestId: 'x' } },
}

test.for([
  ['the page of a captive portal', new Response('<html>', { status: 200 })],
  ['a 401 of a proxy', new Response('who are you?', { status: 401 })],
  ['a 401 of another kind', Response.json(forbidden, { status: 401 })],
  ['a 403', new Response('', { status: 403 })],
  ['a 404', Response.json({}, { status: 404 })],
  ['a 429', new Response('', { status: 429 })],
  ['a 500', new Response('', { status: 500 })],
  ['a 503', new Response('', { status: 503, headers: { 'retry-after': '1' } })],
  ['tokens that are none', Response.json({ result: { data: { access_token: 'x', refresh_token: 'y' } } })],
] as const)('%s instead of an answer logs nobody out', async ([, answer], { signedIn, network, time }) => {
  const { client, heard } = await signedIn()
  network.decide(({ path }) => (path === REFRESH ? answer : 'delivered'))
  await time.advance(2 * MINUTE)
  expect((await client.safe.me()).error).not.toBeNull()
  network.decide(() => 'delivered')
  await time.advance(MINUTE)
  expect(await client.me()).toMatchObject({ username: '' })
  expect(heard).not.toContain('SIGNED_OUT')
})

test('a session that has ended on the server ends here, at its next refresh', async ({
  signedIn,
  openPage,
  time,
  device,
}) => {
  const { client, heard, account } = await signedIn()
  const elsewhere = openPage({}, createDevice({ time }))
  await elsewhere.client.login(account)
  expect(await elsewhere.client.sessions.endOthers()).toBe(1)
  await time.advance(LIFETIME)
  expect(client.session()).toBeNull()
  expect(heard.at(-1)).toBe('SIGNED_OUT')
  expect(device.stored.size).toBe(1)
  expect([...device.stored.keys()]).toEqual([expect.stringMatching(/:device$/)])
})

test('a refresh that comes back after a logout brings nothing back', async ({ signedIn, network, time, device }) => {
  const { client, heard } = await signedIn()
  const held = Promise.withResolvers<void>()
  network.decide(({ path }) => (path === REFRESH ? held.promise : 'delivered'))
  await time.advance(25_000)
  expect(network.to(REFRESH).map(({ status }) => status)).toEqual([200])
  await client.logout()
  held.resolve()
  await time.advance(MINUTE)
  expect(client.session()).toBeNull()
  expect(heard).toEqual(['INITIAL_SESSION', 'SIGNED_IN', 'SIGNED_OUT'])
  expect([...device.stored.keys()]).toEqual([expect.stringMatching(/:device$/)])
})

test('a refresh that comes back after another login changes nothing for that', async ({
  signedIn,
  makeAccount,
  network,
  time,
}) => {
  const { client } = await signedIn()
  const held = Promise.withResolvers<void>()
  network.decide(({ path }) => (path === REFRESH ? held.promise : 'delivered'))
  await time.advance(25_000)
  const call = client.safe.me()
  const { id, ...other } = await makeAccount()
  await client.login(other)
  held.resolve()
  await call
  await stayBusy(client, time, 2 * LIFETIME)
  expect(client.session()).toMatchObject({ userId: id, user: { email: other.email } })
})

test('what was called as one user is not done as another', async ({
  signedIn,
  makeAccount,
  network,
  time,
  clock,
  device,
}) => {
  const { client, hide } = await signedIn()
  hide()
  const other = await makeAccount()
  const held = Promise.withResolvers<void>()
  network.decide(({ path }) => (path === REFRESH ? held.promise : 'delivered'))
  // Its token was refused, and that of the next call has run out.
  clock.advance(31)
  const refused = client.safe.updateMe({ username: 'Ann' })
  await network.settled()
  device.sleep()
  await time.advance(MINUTE)
  device.wake()
  const waiting = client.safe.updateMe({ username: 'Bea' })
  await client.login(other)
  held.resolve()
  expect((await refused).error?.code).toBe('token_expired')
  expect((await waiting).error?.code).toBe('superseded')
  expect(await client.me()).toMatchObject({ username: '' })
})

test('of two logins at once the later one counts, and the other session ends', async ({
  openPage,
  makeAccount,
  network,
}) => {
  const { client, heard } = openPage()
  const [ann, bob] = [await makeAccount(), await makeAccount()]
  const logins = await Promise.all([client.safe.login(ann), client.safe.login(bob)])
  expect(logins[1].data).toMatchObject({ userId: bob.id })
  expect(client.session()).toMatchObject({ userId: bob.id })
  await network.settled()
  // Whichever answer came first: Ann's is over, here and on the server.
  expect(network.to('/trpc/auth.logout').map(({ status }) => status)).toEqual([200])
  expect(heard.filter((event) => event === 'SIGNED_OUT')).toEqual([])
})

test('a logout counts against a login that is under way', async ({ openPage, makeAccount, network }) => {
  const { client } = openPage()
  const login = client.safe.login(await makeAccount())
  await client.logout()
  expect((await login).error).toMatchObject({ code: 'superseded' })
  expect(client.session()).toBeNull()
  await network.settled()
  expect(network.to('/trpc/auth.logout').map(({ status }) => status)).toEqual([200])
})

test('a logout is over at once where there is no network', async ({ signedIn, network, time }) => {
  const { client } = await signedIn()
  network.decide(() => 'swallowed')
  const logout = client.logout()
  expect(client.session()).not.toBeUndefined()
  await time.advance(1000)
  await logout
  expect(client.session()).toBeNull()
  network.decide(() => 'delivered')
  await time.advance(10_000)
  expect(network.to('/trpc/auth.logout').at(-1)).toMatchObject({ status: 200 })
})

test('a listener may wait for calls of the client, also for one that refreshes', async ({
  signedIn,
  openPage,
  makeAccount,
  time,
}) => {
  const { client } = await signedIn()
  const answers: unknown[] = []
  client.on(async (event) => void answers.push([event, (await client.safe.me()).data !== null]))
  await time.advance(LIFETIME)
  await client.logout()
  await time.advance(0)
  expect(answers).toEqual([
    ['INITIAL_SESSION', true],
    ['USER_UPDATED', true],
    ['TOKEN_REFRESHED', true],
    ['SIGNED_OUT', false],
  ])
  const fresh = openPage()
  const [ann, bob] = [await makeAccount(), await makeAccount()]
  fresh.client.on(async (event) => void (event === 'SIGNED_OUT' && (await fresh.client.login(bob))))
  await fresh.client.login(ann)
  await fresh.client.logout()
  await time.advance(0)
  expect(fresh.client.session()).toMatchObject({ userId: bob.id })
})
