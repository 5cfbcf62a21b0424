import { createCookieSessions, type CookieSession } from '@latchkey/client/cookies'
import { createCookieJar, openProxy } from '@latchkey/client/testing'
import { statement } from '@latchkey/core/testing'
import { vi } from 'vitest'
import { expect, test } from './testing/served.ts'

const REFRESH = '/trpc/auth.refresh'
const APP = 'https://app.example.com'
/** Processes of the app, requests of one page, and people who look at pages. */
const PROCESSES = 3
const REQUESTS = 5
const PEOPLE = 10
/** Seconds: the access lifetime of the default settings. */
const LIFETIME = 30
/** Minutes. */
const ONLINE = 15

const SESSIONS = statement<{ live: number; busiest: number }>(
  'test.sessions-of-pages',
  `select count(*) filter (where ended_at is null) as live, max(generation) as busiest from session`,
)

/** Numbers from 0 up to 1, the same with each run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test('rendered pages stay signed in through lost replies, left pages, an outage and sleep', {
  timeout: 120_000,
}, async ({ port, clock, core, makeAccount, onTestFinished }) => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const network = await openProxy(`http://127.0.0.1:${port}`)
  onTestFinished(() => {
    vi.useRealTimers()
    network.close()
  })
  const random = seeded(11)
  const processes = Array.from({ length: PROCESSES }, () => createCookieSessions({ url: network.url, origin: APP }))
  const say = ({ status }: CookieSession<undefined>) => new Response(status)
  const people = await Promise.all(
    Array.from({ length: PEOPLE }, async () => {
      const jar = createCookieJar()
      const account = await makeAccount()
      const login = await processes[0]!.handle(new Request(`${APP}/login`, { method: 'POST' }), async (session) => {
        await session.login(account)
        return say(session)
      })
      jar.take(login.headers)
      return jar
    }),
  )
  const advance = (seconds: number) => {
    clock.advance(seconds)
    vi.advanceTimersByTime(seconds * 1000)
    for (const jar of people) jar.advance(seconds)
  }

  const seen = { 'signed-in': 0, 'signed-out': 0, unavailable: 0 }
  /** Opens a page: five requests at once, anywhere. It may be left before its cookies are there. */
  async function open(jar: (typeof people)[number], isLeft = false): Promise<void> {
    const headers = { cookie: jar.header() }
    const answers = await Promise.all(
      Array.from({ length: REQUESTS }, () =>
        processes[Math.floor(random() * PROCESSES)]!.handle(new Request(APP, { headers }), say),
      ),
    )
    for (const answer of answers) {
      seen[(await answer.text()) as keyof typeof seen]++
      if (!isLeft) jar.take(answer.headers)
    }
  }
  /** Each opens a page now and then, and busy ones every few seconds. One page in twenty is left. */
  async function live(minutes: number): Promise<void> {
    for (let second = 0; second < minutes * 60; second += 5) {
      const active = people.filter((_, i) => random() < (i < PEOPLE / 2 ? 0.7 : 0.1))
      await Promise.all(active.map((jar) => open(jar, random() < 0.05)))
      advance(5)
    }
  }
  const refreshes = () => network.requests.filter((path) => path === REFRESH).length

  network.weather = () => (random() < 0.05 ? 'answer lost' : 'fine')
  await live(ONLINE)
  const busiest = (await core.db.one(SESSIONS, []))?.busiest ?? 0
  const perLifetime = busiest / ((ONLINE * 60) / LIFETIME)
  expect(seen).toEqual({ 'signed-in': expect.any(Number), 'signed-out': 0, unavailable: 0 })

  // Who leaves a page, and then gets none for five minutes, would have to log in: nobody does so here.
  for (const jar of people) await open(jar)
  network.weather = () => (random() < 0.5 ? 'refused' : 'cut off')
  const sent = refreshes()
  await live(10)
  const inOutage = refreshes() - sent
  network.weather = () => (random() < 0.05 ? 'answer lost' : 'fine')
  advance(30)
  await live(3)

  for (const jar of people) await open(jar)
  advance(30 * 60)
  await live(2)
  for (const jar of people) await open(jar)

  process.stdout.write(
    `${PEOPLE} people, ${PROCESSES} processes, ${seen['signed-in'] + seen.unavailable} requests: 0 logouts; ` +
      `${perLifetime.toFixed(2)} rotations of the busiest session per lifetime; ${inOutage} requests in ten minutes of outage\n`,
  )
  expect(seen['signed-out']).toBe(0)
  expect(await core.db.one(SESSIONS, [])).toMatchObject({ live: PEOPLE })
  expect(perLifetime).toBeLessThanOrEqual(1.1)
  expect(inOutage).toBeLessThan(200 * PROCESSES)
})
