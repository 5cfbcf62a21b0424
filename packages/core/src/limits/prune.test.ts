import type { Core } from '../core.ts'
import { tryLocked } from '../database/lock.ts'
import { statement } from '../database/statement.ts'
import { expect, test as base } from '../testing/test.ts'
import { pruneLimits } from './prune.ts'

const KEYS = statement<{ key: string }>('test.keys', 'select key from rate_limit order by key')
const FILL = statement(
  'test.fill',
  `insert into rate_limit (key, points, expires_at)
   select 'register:' || n, 1, $1::timestamptz + make_interval(secs => n % 2 * 60) from generate_series(1, 30000) as n`,
)
const HOLD = statement('test.hold', `select from rate_limit where key like 'login-prefix:%' for update`)

const HERE = { address: '192.0.2.1', userAgent: null, requestId: null, device: null }

const test = base
  /** An instance with limits, on a database of its own. */
  .extend('own', async ({ createInstance, migratedDatabase }): Promise<Core> => {
    return await createInstance({ databaseUrl: await migratedDatabase(), rateLimits: true })
  })

const keysOf = async ({ db }: Core) => (await db.many(KEYS, [])).map(({ key }) => key.replace(/:.*/, ''))

test('removes what has ended, and nothing else', async ({ own, clock }) => {
  await own.limits.login({ accountKey: 'a', deviceId: undefined }, HERE)
  clock.advance(60)
  expect(await pruneLimits(own)).toBe(0)
  clock.advance(1)
  expect(await pruneLimits(own)).toBe(3)
  expect(await keysOf(own)).toEqual(['login-account-hour', 'login-unknown-day'])
  clock.advance(86_400)
  expect(await pruneLimits(own)).toBe(2)
})

test('walks a table of many batches', async ({ own, clock }) => {
  await own.db.many(FILL, [clock.now()])
  clock.advance(1)
  expect(await pruneLimits(own)).toBe(15_000)
  clock.advance(60)
  expect(await pruneLimits(own)).toBe(15_000)
})

test('passes by what is just counted, and one instance walks at a time', async ({ own, clock }) => {
  await own.limits.login({ accountKey: 'a', deviceId: undefined }, HERE)
  clock.advance(90_000)
  await own.db.transaction(async (transaction) => {
    await transaction.many(HOLD, [])
    expect(await pruneLimits(own)).toBe(4)
  })
  await tryLocked(own.db, 'prune limits', async () => {
    expect(await pruneLimits(own)).toBe(0)
  })
  expect(await pruneLimits(own)).toBe(1)
})
