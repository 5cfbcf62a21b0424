import { statement } from '@latchkey/core/testing'
import { createDevice } from '@latchkey/client/testing'
import { expect, test } from './testing/client-world.ts'

const REFRESH = '/trpc/auth.refresh'
const MINUTE = 60_000
const TABS = 20
/** Seconds: the access lifetime of the default settings. */
const LIFETIME = 30
/** Minutes. */
const ONLINE = 10

const SESSION = statement<{ generation: number; live: number }>(
  'test.generations',
  `select count(*) filter (where ended_at is null) as live, max(generation) as generation
     from session join account on account.id = session.account_id where email_normal = $1`,
)

/** Numbers from 0 up to 1, the same with each run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const WORLDS = [
  { name: 'a clock 15 minutes ahead', clockError: 15 * MINUTE, locks: true },
  { name: 'a clock 15 minutes behind, and no Web Locks', clockError: -15 * MINUTE, locks: false },
]

test.for(WORLDS)(
  'twenty tabs and a server of pages stay signed in through lost replies, an outage and sleep: $name',
  { timeout: 240_000 },
  async ({ name, clockError, locks }, { openPage, network, time, core }) => {
    const random = seeded(7)
    const device = createDevice({ time, clockError, random, has: { locks, channels: locks } })
    // Tabs that are seen and tabs that are not, and two processes that render pages, without locks or channels.
    const tabs = Array.from({ length: TABS }, () => openPage({}, device))
    tabs.slice(5).forEach(({ hide }) => hide())
    const renderers = createDevice({ time, clockError: 4000, random, has: { locks: false, channels: false } })
    const servers = [1, 2].map(() => openPage({}, renderers))
    servers.forEach(({ hide }) => hide())

    const [first] = tabs
    const [renderer] = servers
    const account = { email: `${crypto.randomUUID()}@example.com`, password: 'correct horse 42' }
    await first?.client.register(account)
    await first?.client.login(account)
    await renderer?.client.login(account)
    await time.advance(1000)

    let failed = 0
    /** All of them work on, each with a call now and then; a page that is rendered makes five at once. */
    const live = async (minutes: number) => {
      for (let second = 0; second < minutes * 60; second += 5) {
        const calls = [
          ...tabs.filter(() => random() < 0.1),
          ...(random() < 0.2 ? [...servers, ...servers, ...servers] : []),
        ]
        for (const { client } of calls) void client.me().catch(() => failed++)
        await time.advance(5000)
      }
    }
    const refreshes = (from: number) => network.to(REFRESH).slice(from).length
    const rotations = async () => {
      const { generation = 0 } = (await core.db.one(SESSION, [account.email])) ?? {}
      return generation
    }

    // As long as 5 % of replies are lost, and nothing else.
    network.decide(() => (random() < 0.05 ? 'reply-lost' : 'delivered'))
    const [sent, rotated] = [refreshes(0), await rotations()]
    await live(ONLINE)
    const perLifetime = ((await rotations()) - rotated) / ((ONLINE * 60) / LIFETIME)
    const requestsPerLifetime = refreshes(sent) / ((ONLINE * 60) / LIFETIME)
    const failedOnline = failed

    // Ten minutes in which nothing gets through.
    network.decide(() => (random() < 0.5 ? 'refused' : new Response('no upstream', { status: 503 })))
    const before = refreshes(0)
    await live(10)
    const inOutage = refreshes(before)
    network.decide(() => (random() < 0.05 ? 'reply-lost' : 'delivered'))
    device.goOnline()
    await live(3)

    // The lid is closed for half an hour.
    device.sleep()
    await time.advance(30 * MINUTE)
    device.wake()
    await live(2)
    network.decide(() => 'delivered')

    const heard = [...tabs, ...servers].flatMap((page) => page.heard)
    expect(heard.filter((event) => event === 'SIGNED_OUT')).toEqual([])
    for (const { client } of [...tabs, ...servers]) expect(await client.me()).toMatchObject({ email: account.email })
    expect(await core.db.one(SESSION, [account.email])).toMatchObject({ live: 2 })
    process.stdout.write(
      `${name}: 0 logouts; ${perLifetime.toFixed(2)} rotations of the busier session per lifetime, ` +
        `${requestsPerLifetime.toFixed(2)} requests for both sessions, lost ones and repeats too; ` +
        `${inOutage} requests in ten minutes of outage; ${failedOnline} calls failed while online\n`,
    )
    if (locks) expect(perLifetime).toBeLessThanOrEqual(1.1)
    expect(inOutage).toBeLessThan(200)
    expect(failedOnline).toBe(0)
  },
)
