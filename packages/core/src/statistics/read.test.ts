import type { Core } from '../core.ts'
import { disableAccount } from '../accounts/disable.ts'
import { register } from '../accounts/register.ts'
import { COMMAND } from '../audit/origin.ts'
import { statement } from '../database/statement.ts'
import { startHeartbeat } from '../instances/heartbeat.ts'
import { prepare } from '../readiness.ts'
import { login } from '../sessions/login.ts'
import { logout } from '../sessions/logout.ts'
import { refresh } from '../sessions/refresh.ts'
import { expect, PASSWORD, test as base } from '../testing/test.ts'
import { pruneStatistics } from './prune.ts'
import { readStatistics } from './read.ts'

const HOUR = 3600
const NOTHING = { logins: 0, loginsFailed: 0, refreshes: 0, registrations: 0, replays: 0 }

/** Two instances on a database that nobody else counts in. */
const test = base.extend('pair', async ({ createInstance, emptyDatabase }): Promise<[Core, Core]> => {
  const databaseUrl = await emptyDatabase()
  const cores: [Core, Core] = [await createInstance({ databaseUrl }), await createInstance({ databaseUrl })]
  for (const core of cores) await prepare(core, { migrating: true })
  return cores
})

/** Stores what instances have counted. */
async function store(...cores: Core[]): Promise<void> {
  await Promise.all(cores.map((core) => startHeartbeat(core, { name: 'test', version: '1' }).stop()))
}

const account = () => ({ email: `${crypto.randomUUID()}@example.com`, password: PASSWORD })

/** The beginning of the hour, so many hours ago. */
const hourOf = ({ clock }: Core, ago = 0) =>
  new Date(Math.floor(clock.now().getTime() / (HOUR * 1000) - ago) * HOUR * 1000)

test('what happens on all instances is counted by the hour, and hours without anything are there too', async ({
  pair: [core, other],
  clock,
}) => {
  const ann = account()
  await register(core, ann)
  const { refreshToken } = await login(core, ann)
  await store(core, other)
  clock.advance(2 * HOUR)
  await login(other, ann)
  await expect(login(core, { ...ann, password: 'wrong' })).rejects.toMatchObject({ code: 'invalid_credentials' })
  await refresh(other, refreshToken)
  clock.advance(11)
  await expect(refresh(core, refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
  await store(core, other)

  const { hours } = await readStatistics(core, { hours: 4 })
  expect(hours).toEqual([
    { hour: hourOf(core, 3), ...NOTHING },
    { hour: hourOf(core, 2), ...NOTHING, logins: 1, registrations: 1 },
    { hour: hourOf(core, 1), ...NOTHING },
    { hour: hourOf(core), ...NOTHING, logins: 1, loginsFailed: 1, refreshes: 1, replays: 1 },
  ])
  expect((await readStatistics(core, { hours: 1 })).hours).toEqual(hours.slice(3))
})

test('times of routes go together from all instances and hours that are asked for', async ({
  pair: [core, other],
  clock,
}) => {
  core.counters.time('GET /api/me', 900)
  await store(core)
  clock.advance(HOUR)
  for (let i = 0; i < 49; i++) core.counters.time('GET /api/me', 1.5)
  for (let i = 0; i < 50; i++) other.counters.time('GET /api/me', 10)
  other.counters.time('POST /api/login', 60_000)
  await store(core, other)

  const slow = { route: 'POST /api/login', count: 1, p50Ms: 5000, p95Ms: 5000, p99Ms: 5000 }
  expect((await readStatistics(core, { hours: 1 })).routes).toEqual([
    { route: 'GET /api/me', count: 99, p50Ms: 8.04, p95Ms: 11.6, p99Ms: 11.92 },
    slow,
  ])
  expect((await readStatistics(core, { hours: 2 })).routes).toMatchObject([
    { route: 'GET /api/me', count: 100, p99Ms: 12 },
    { route: 'POST /api/login', count: 1 },
  ])
})

test('live sessions are those that a refresh would take; the two counts are kept for ten seconds', async ({
  pair: [core],
  clock,
}) => {
  const [ann, bob] = [account(), account()]
  await register(core, ann)
  const { id: bobId } = await register(core, bob)
  const { refreshToken } = await login(core, ann)
  await login(core, ann)
  await login(core, bob)
  const read = async () => {
    const { liveSessions, accounts, countedAt } = await readStatistics(core, { hours: 1 })
    return { liveSessions, accounts, countedAt }
  }
  const first = { liveSessions: 3, accounts: 2, countedAt: clock.now() }
  expect(await read()).toEqual(first)
  await logout(core, refreshToken)
  await disableAccount(core, bobId, COMMAND)
  clock.advance(9)
  expect(await read()).toEqual(first)
  clock.advance(1)
  expect(await read()).toEqual({ liveSessions: 1, accounts: 2, countedAt: clock.now() })
  clock.advance(30 * 24 * HOUR)
  expect(await read()).toMatchObject({ liveSessions: 0 })
})

test('a count that failed is not kept', async ({ pair: [core] }) => {
  const { totals, db } = core
  const one = db.one.bind(db)
  db.one = () => Promise.reject(new Error('planted'))
  await expect(totals.read()).rejects.toThrow('planted')
  db.one = one
  expect(await totals.read()).toMatchObject({ liveSessions: 0, accounts: 0 })
})

test('what is too much to count is null, and the rest is there', async ({ pair: [core] }) => {
  const SLOW = [
    'alter table session rename to session_behind',
    'create view session as select session_behind.* from pg_sleep(5), session_behind',
  ]
  for (const text of SLOW) await core.db.many(statement(`test.slow ${text.length}`, text), [])
  const { liveSessions, accounts, hours } = await readStatistics(core, { hours: 1 })
  expect({ liveSessions, accounts, hours }).toMatchObject({ liveSessions: null, accounts: 0, hours: [NOTHING] })
})

test('hours are removed when they ended longer ago than the retention', async ({ pair: [core], clock }) => {
  core.counters.count('logins')
  core.counters.time('GET /', 1)
  await store(core)
  const untilItsEnd = HOUR - ((clock.now().getTime() / 1000) % HOUR)
  clock.advance(untilItsEnd + 90 * 24 * HOUR)
  expect(await pruneStatistics(core)).toBe(0)
  clock.advance(1)
  expect(await pruneStatistics(core)).toBe(2)
})
