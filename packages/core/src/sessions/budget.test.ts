import { randomUUID } from 'node:crypto'
import { NO_ORIGIN } from '../audit/origin.ts'
import { readAccount } from '../accounts/read.ts'
import { checkAccessToken } from '../access-tokens/check.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { expect, test } from '../testing/test.ts'
import { login } from './login.ts'
import { refresh } from './refresh.ts'

const EXTENSION = statement('budget.extension', 'create extension if not exists pg_stat_statements')
const RESET = statement('budget.reset', 'select pg_stat_statements_reset() is null')
/** What ran in this database since the last reset, without these readings themselves. */
const CALLS = statement<{ query: string; calls: number; rows: number }>(
  'budget.calls',
  `select query, calls, rows from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database())
      and query not like '%pg_stat%'`,
)
const TABLE = statement<{ inserted: number; updated: number; hot: number; size: number; indexSize: number }>(
  'budget.table',
  `select n_tup_ins as inserted, n_tup_upd as updated, n_tup_hot_upd as hot,
          pg_relation_size('session') as size, pg_indexes_size('session') as "indexSize"
     from pg_stat_user_tables where relname = 'session' and pg_stat_clear_snapshot() is not null`,
)
/** Rows read in the table itself, and by which index. */
const READS = statement<{ by: string; read: number }>(
  'budget.reads',
  `select 'table' as by, seq_tup_read as read from pg_stat_user_tables where relname = 'session'
   union all select indexrelname, idx_tup_read from pg_stat_user_indexes where relname = 'session'`,
)
/** What refreshes wrote to the log; whole pages, too, after a checkpoint. */
const WRITTEN = statement<{ bytes: number; pages: number }>(
  'budget.written',
  `select sum(wal_bytes)::float8 / sum(calls) as bytes, sum(wal_fpi)::int as pages from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database()) and query like '%update session%'`,
)
const FLUSH = statement('budget.flush', 'select pg_stat_force_next_flush() is null')

async function statementsOf(core: Core, work: () => Promise<unknown>) {
  await core.db.many(EXTENSION, [])
  await core.db.many(RESET, [])
  await work()
  return await core.db.many(CALLS, [])
}

async function tableOf(core: Core) {
  await core.db.many(FLUSH, [])
  const table = await core.db.one(TABLE, [])
  if (table === undefined) throw new Error('no statistics')
  return table
}

test('a refresh is one statement, one row version, no insert', async ({ core, createInstance, login: logIn }) => {
  const instance = await createInstance()
  let { refreshToken } = await refresh(instance, (await logIn()).refreshToken)
  const before = await tableOf(core)
  const calls = await statementsOf(core, async () => {
    for (let i = 0; i < 20; i++) ({ refreshToken } = await refresh(instance, refreshToken))
  })
  expect(calls.map(({ calls: times }) => times)).toEqual([20])
  // Then its figures are in.
  await instance.close()
  await expect.poll(async () => (await tableOf(core)).updated - before.updated).toBeGreaterThanOrEqual(20)
  const after = await tableOf(core)
  expect(after.updated - before.updated).toBeLessThanOrEqual(21)
  expect(after.inserted - before.inserted).toBe(0)
})

test('a retry key makes the log no longer: some 185 bytes a refresh', async ({ core, login: logIn }) => {
  // A column of its own cost 149 bytes more: behind what never changes, which the log would then have to repeat.
  let { refreshToken } = await logIn()
  const refreshTimes = async (times: number, key: () => string | undefined) => {
    for (let i = 0; i < times; i++) ({ refreshToken } = await refresh(core, refreshToken, NO_ORIGIN, key()))
  }
  const writtenWith = async (key: () => string | undefined): Promise<number> => {
    for (;;) {
      await refreshTimes(20, key)
      await statementsOf(core, () => refreshTimes(200, key))
      const written = await core.db.one(WRITTEN, [])
      if (written?.pages === 0) return written.bytes
    }
  }
  const [without, withKey] = [await writtenWith(() => undefined), await writtenWith(() => randomUUID())]
  expect(Math.abs(withKey - without)).toBeLessThan(10)
  expect(withKey).toBeLessThan(220)
})

test('64 refreshes at once are few statements, and each is one row version', async ({
  core,
  createInstance,
  login: logIn,
}) => {
  const instance = await createInstance()
  const tokens = await Promise.all(Array.from({ length: 64 }, async () => (await logIn()).refreshToken))
  const again = await Promise.all(tokens.map((token) => refresh(instance, token)))
  const calls = await statementsOf(core, () =>
    Promise.all(again.map(({ refreshToken }) => refresh(instance, refreshToken))),
  )
  expect(calls.reduce((sum, { rows }) => sum + rows, 0)).toBe(64)
  // One goes at once, alone; the others meanwhile, 32 at a time.
  expect(calls.reduce((sum, { calls: times }) => sum + times, 0)).toBeLessThanOrEqual(3)
})

test('a batch reads its own sessions only, in a table that was never analysed, too', async ({
  core,
  createInstance,
  makeAccount,
  login: logIn,
}) => {
  const accounts = await Promise.all(Array.from({ length: 5 }, () => makeAccount()))
  const tokens = await Promise.all(
    Array.from({ length: 50 }, async (_, i) => (await logIn(accounts[i % 5])).refreshToken),
  )
  const readsOf = async () => {
    await core.db.many(FLUSH, [])
    await tableOf(core)
    return new Map((await core.db.many(READS, [])).map(({ by, read }) => [by, read]))
  }
  const instance = await createInstance()
  const before = await readsOf()
  for (let i = 0; i < 20; i++) {
    await Promise.all(tokens.map(async (token, at) => (tokens[at] = (await refresh(instance, token)).refreshToken)))
  }
  await instance.close()
  const selectors = 'session_selector_mac_unique'
  await expect.poll(async () => (await readsOf()).get(selectors)).toBeGreaterThanOrEqual(1000)
  const after = await readsOf()
  expect(new Map([...after].filter(([by]) => by !== selectors))).toEqual(
    new Map([...before].filter(([by]) => by !== selectors)),
  )
})

test('a login is at most three statements', async ({ createInstance, makeAccount }) => {
  const account = await makeAccount()
  const core = await createInstance({ settings: { PASSWORD_HASH_MEMORY: 8192 } })
  const renewing = await statementsOf(core, () => login(core, account))
  expect(renewing.reduce((sum, { calls }) => sum + calls, 0)).toBe(3)
  const usual = await statementsOf(core, () => login(core, account))
  expect(usual.reduce((sum, { calls }) => sum + calls, 0)).toBe(2)
})

test('a login is three statements with the limits, and one that a limit refuses is none', async ({
  createInstance,
  makeAccount,
}) => {
  const account = await makeAccount()
  const core = await createInstance({ rateLimits: true })
  const calls = await statementsOf(core, () => login(core, account))
  expect(calls.reduce((sum, { calls: times }) => sum + times, 0)).toBe(3)
  const wrong = { ...account, password: 'not the password' }
  const failing = await statementsOf(core, () => login(core, wrong).catch(() => {}))
  expect(failing.reduce((sum, { calls: times }) => sum + times, 0)).toBe(3)
  for (let i = 0; i < 5; i++) await login(core, wrong).catch(() => {})
  const refused = await statementsOf(core, () => expect(login(core, wrong)).rejects.toThrow('Too many requests'))
  expect(refused).toEqual([])
})

test('checking an access token is no statement, reading the account one', async ({ core, login: logIn }) => {
  const { accessToken } = await logIn()
  await readAccount(core, checkAccessToken(core, accessToken))
  expect(await statementsOf(core, async () => checkAccessToken(core, accessToken))).toEqual([])
  const calls = await statementsOf(core, () => readAccount(core, checkAccessToken(core, accessToken)))
  expect(calls.map(({ calls: times }) => times)).toEqual([1])
})

test('100,000 refreshes of 100 sessions keep table and indexes their size', { timeout: 240_000 }, async ({
  core,
  createInstance,
  login: logIn,
}) => {
  const tokens: string[] = []
  for (let i = 0; i < 100; i++) tokens.push((await logIn()).refreshToken)
  const base = await tableOf(core)

  /** Refreshes each session so often, and reads the table when the figures of all connections are in. */
  const refreshEach = async (times: number, total: number) => {
    const instance = await createInstance({ poolSize: 8 })
    for (let time = 0; time < times; time++) {
      await Promise.all(tokens.map(async (token, i) => (tokens[i] = (await refresh(instance, token)).refreshToken)))
    }
    await instance.close()
    await expect.poll(async () => (await tableOf(core)).updated - base.updated).toBe(total)
    return await tableOf(core)
  }

  const early = await refreshEach(10, 1000)
  const late = await refreshEach(990, 100_000)
  const hotShare = (late.hot - early.hot) / (late.updated - early.updated)
  expect(hotShare).toBeGreaterThanOrEqual(0.99)
  // Versions that no snapshot can see are taken up again at once. While autovacuum looks at the table for its statistics it
  // holds one for some milliseconds, which costs a few pages, once. What refreshes added for good would be three hundred
  // times the table.
  expect(late.size).toBeLessThanOrEqual(early.size * 3)
  expect(late.indexSize).toBeLessThanOrEqual(early.indexSize * 3)
})
