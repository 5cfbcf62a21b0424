import { createDevice, type SimulatedTime } from '@latchkey/client/testing'
import type { Latchkey } from '@latchkey/client'
import { expect, type Page, test } from './testing/client-world.ts'

const LIFETIME = 30_000
const REFRESH = '/trpc/auth.refresh'

/** All tabs call, one after the other, each about every 20 seconds. */
async function stayBusy(clients: Latchkey[], time: SimulatedTime, milliseconds: number): Promise<void> {
  const calls: Promise<unknown>[] = []
  for (let passed = 0; passed < milliseconds; passed += 1000) {
    const client = clients[(passed / 1000) % clients.length]
    if (client) calls.push(client.me())
    await time.advance(1000)
  }
  await Promise.all(calls)
}

const heardBy = (pages: Page[]) => new Set(pages.flatMap(({ heard }) => heard))

test('twenty tabs refresh as often as one', async ({ signedIn, openPage, network, time }) => {
  const pages = [await signedIn(), ...Array.from({ length: 19 }, () => openPage())]
  await stayBusy(
    pages.map(({ client }) => client),
    time,
    10 * LIFETIME,
  )
  expect(network.to(REFRESH).length).toBeLessThanOrEqual(11)
  expect(network.requests.filter(({ status }) => status !== 200)).toEqual([])
  expect(heardBy(pages)).not.toContain('SIGNED_OUT')
})

test.for([
  ['without locks', { locks: false }],
  ['without channels', { channels: false }],
  ['with neither', { locks: false, channels: false }],
] as const)(
  '%s nobody is logged out, and few refresh twice',
  async ([, has], { signedIn, openPage, network, time }) => {
    let seed = 1
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
    const device = createDevice({ time, has, random })
    const pages = [await signedIn({}, device), ...Array.from({ length: 7 }, () => openPage({}, device))]
    await stayBusy(
      pages.map(({ client }) => client),
      time,
      10 * LIFETIME,
    )
    expect(network.requests.filter(({ status }) => status !== 200)).toEqual([])
    expect(heardBy(pages)).not.toContain('SIGNED_OUT')
    expect(network.to(REFRESH).length).toBeLessThanOrEqual(20)
  },
)

test('tabs that need a token at the same moment make one request', async ({
  signedIn,
  openPage,
  network,
  time,
  device,
}) => {
  const pages = [await signedIn(), openPage(), openPage()]
  await time.advance(0)
  pages.forEach(({ hide }) => hide())
  device.sleep()
  await time.advance(2 * LIFETIME)
  device.wake()
  await Promise.all(pages.map(({ client }) => client.me()))
  expect(network.to(REFRESH)).toHaveLength(1)
})

test('tabs that refresh at the same moment, without locks, get the same session', async ({
  signedIn,
  openPage,
  network,
  time,
}) => {
  const device = createDevice({ time, has: { locks: false, channels: false } })
  const pages = [await signedIn({}, device), openPage({}, device), openPage({}, device)]
  await time.advance(0)
  device.sleep()
  await time.advance(2 * LIFETIME)
  network.forget()
  device.wake()
  const found = await Promise.all(pages.map(({ client }) => client.me()))
  expect(found).toMatchObject([{ username: '' }, { username: '' }, { username: '' }])
  expect(
    new Set(network.to(REFRESH).map(({ headers, body }) => `${headers.get('idempotency-key')} ${body}`)).size,
  ).toBe(1)
  await stayBusy(
    pages.map(({ client }) => client),
    time,
    3 * LIFETIME,
  )
  expect(network.requests.filter(({ status }) => status !== 200)).toEqual([])
})

test.for([
  ['by a channel', {}],
  ['by the storage', { channels: false }],
] as const)(
  '%s all tabs hear of login, refresh, change and logout',
  async ([, has], { openPage, makeAccount, time }) => {
    const device = createDevice({ time, has })
    const [one, two] = [openPage({}, device), openPage({}, device)]
    await time.advance(0)
    await one.client.login(await makeAccount())
    await time.advance(0)
    expect(two.client.session()).toEqual(one.client.session())
    await time.advance(LIFETIME)
    await two.client.updateMe({ username: 'Ann' })
    await time.advance(0)
    expect(one.client.session()).toMatchObject({ username: 'Ann', user: { username: 'Ann' } })
    await one.client.logout()
    await time.advance(0)
    expect(two.client.session()).toBeNull()
    const events = ['INITIAL_SESSION', 'SIGNED_IN', 'TOKEN_REFRESHED', 'USER_UPDATED', 'SIGNED_OUT']
    expect([one.heard, two.heard]).toEqual([events, events])
  },
)

test('a refresh does not make another session object; a change does', async ({ signedIn, time }) => {
  const { client } = await signedIn()
  const before = client.session()
  await time.advance(2 * LIFETIME)
  expect(client.session()).toBe(before)
  await client.me()
  expect(client.session()).not.toBe(before)
})

test('a name that was changed on another device arrives with the next refresh', async ({
  signedIn,
  openPage,
  time,
}) => {
  const { client, account, heard } = await signedIn()
  await client.me()
  const elsewhere = openPage({}, createDevice({ time }))
  await elsewhere.client.login(account)
  await elsewhere.client.updateMe({ username: 'Ann' })
  await time.advance(LIFETIME)
  expect(client.session()).toMatchObject({ username: 'Ann', user: { username: 'Ann', email: account.email } })
  expect(heard.slice(-2)).toEqual(['TOKEN_REFRESHED', 'USER_UPDATED'])
})

test('a tab whose request comes after two of another tab tries the newer token', async ({
  signedIn,
  openPage,
  network,
  device,
  port,
  time,
}) => {
  const { account } = await signedIn()
  const key = [...device.stored.keys()].find((name) => !name.endsWith(':device')) ?? ''
  const exchange = async (token: string) => {
    const body = JSON.stringify({ refresh_token: token })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`http://127.0.0.1:${port}/api/refresh/`, { method: 'POST', headers, body })
    return (await answer.json()) as { access_token: string; refresh_token: string }
  }
  /** As another tab would, which this one cannot hear. */
  const overtake = async () => {
    const record = JSON.parse(device.stored.get(key) ?? '') as { refreshToken: string }
    // So long ago, it seems, that this tab has to exchange it itself.
    const { refresh_token, access_token } = await exchange((await exchange(record.refreshToken)).refresh_token)
    const newer = { ...record, accessToken: access_token, refreshToken: refresh_token, askedAt: 0 }
    device.stored.set(key, JSON.stringify(newer))
  }
  let isOvertaken = false
  const { client, heard } = openPage({
    async fetch(input, init) {
      if (typeof input === 'string' && input.endsWith(REFRESH) && !isOvertaken) {
        isOvertaken = true
        await overtake()
      }
      return await network.fetch(input, init)
    },
  })
  await client.ready()
  device.sleep()
  await time.advance(2 * LIFETIME)
  device.wake()
  expect(await client.me()).toMatchObject({ email: account.email })
  expect(network.to(REFRESH).map(({ status }) => status)).toEqual([401, 200])
  expect(heard).not.toContain('SIGNED_OUT')
})

test('an answer that comes after two refreshes of other tabs does not put the old tokens back', async ({
  signedIn,
  openPage,
  network,
  time,
}) => {
  const device = createDevice({ time, has: { locks: false, channels: false } })
  const pages = [await signedIn({}, device), openPage({}, device), openPage({}, device)]
  await Promise.all(pages.map(({ client }) => client.ready()))
  const held = Promise.withResolvers<void>()
  const service = 'http://127.0.0.1/refuses'
  let refreshes = 0
  network.decide(({ path }) => {
    if (path !== REFRESH) return path === '/refuses' ? new Response(null, { status: 401 }) : 'delivered'
    return refreshes++ === 0 ? held.promise : 'delivered'
  })
  const [one, two, three] = pages.map(
    ({ client }) =>
      () =>
        client.fetch(service),
  )
  const late = one?.()
  await network.settled()
  await two?.()
  await three?.()
  held.resolve()
  await late
  network.decide(() => 'delivered')
  expect(refreshes).toBe(3)
  await stayBusy(
    pages.map(({ client }) => client),
    time,
    3 * LIFETIME,
  )
  expect(heardBy(pages)).not.toContain('SIGNED_OUT')
})

test('a tab that was frozen while it had the turn holds up nobody for long', async ({
  signedIn,
  network,
  device,
  time,
}) => {
  const { client } = await signedIn()
  const key = [...device.stored.keys()].find((name) => !name.endsWith(':device')) ?? ''
  const { signal } = new AbortController()
  void device.openTab().environment.locks?.request(key, { signal }, () => new Promise(() => {}))
  await time.advance(LIFETIME)
  const call = client.me()
  expect(network.to(REFRESH)).toEqual([])
  await time.advance(12_000)
  expect(await call).toMatchObject({ username: '' })
})

test('a session in sessionStorage is its tab’s alone', async ({ signedIn, openPage, device, time }) => {
  const own = new Map<string, string>()
  const storage = {
    getItem: (key: string) => own.get(key) ?? null,
    setItem: (key: string, value: string) => void own.set(key, value),
    removeItem: (key: string) => void own.delete(key),
  }
  const { client } = await signedIn({ storage })
  const other = openPage()
  await time.advance(0)
  expect(other.client.session()).toBeNull()
  expect(device.stored.size).toBe(0)
  const reloaded = openPage({ storage })
  await reloaded.client.ready()
  expect(reloaded.client.session()).toEqual(client.session())
})
