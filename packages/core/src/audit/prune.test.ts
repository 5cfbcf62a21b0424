import { Client, type Pool } from 'pg'
import { vi } from 'vitest'
import type { Core } from '../core.ts'
import { tryLocked } from '../database/lock.ts'
import { statement } from '../database/statement.ts'
import { prepare } from '../readiness.ts'
import { login } from '../sessions/login.ts'
import { register } from '../accounts/register.ts'
import { expect, PASSWORD, test as base } from '../testing/test.ts'
import { COMMAND } from './origin.ts'
import { makeMonth, monthNamed, monthOf, OTHER, readPartitions } from './partitions.ts'
import { pruneAudit } from './prune.ts'
import { listAuditEvents } from './read.ts'
import { record } from './record.ts'

const DAY = 86_400

/** Makes an instance on one database of its own: tests of months may not disturb each other. */
const test = base
  .extend('ownDatabase', async ({ emptyDatabase, createInstance }): Promise<string> => {
    const databaseUrl = await emptyDatabase()
    await prepare(await createInstance({ databaseUrl }), { migrating: true })
    return databaseUrl
  })
  .extend('alone', ({ createInstance, ownDatabase }): Promise<Core> => createInstance({ databaseUrl: ownDatabase }))
  /** A connection that holds locks, or changes what a role may do. */
  .extend('client', async ({ ownDatabase }, { onCleanup }) => {
    const client = new Client({ connectionString: ownDatabase })
    await client.connect()
    onCleanup(() => client.end())
    return client
  })

/** How many events each partition has that has any. */
async function rowsOf({ db }: Core): Promise<Record<string, number>> {
  const rows = statement<{ table: string; count: number }>(
    'test.rows',
    'select tableoid::regclass::text as "table", count(*) as count from audit_event group by 1 order by 1',
  )
  return Object.fromEntries((await db.many(rows, [])).map(({ table, count }) => [table, count]))
}

const tablesOf = async ({ db }: Core) => (await readPartitions(db, null)).tables
const write = (core: Core) => record(core.db, core, { name: 'user.updated', actor: COMMAND })
const monthTable = ({ clock }: Core, later = 0) => monthOf(clock.now(), later).table

test('months are those of UTC, whatever the zone of the process or the database', () => {
  const newYear = new Date('2027-01-01T00:00:00Z')
  expect(monthOf(new Date(newYear.getTime() - 1))).toMatchObject({ table: 'audit_event_2026_12', end: newYear })
  expect(monthOf(newYear, -1).table).toBe('audit_event_2026_12')
  expect(monthOf(new Date('2026-01-31T12:00:00Z'), 1).table).toBe('audit_event_2026_02')
  expect(monthNamed('audit_event_2026_12')).toEqual(monthOf(newYear, -1))
  for (const name of [OTHER, 'audit_event_2026_13', 'audit_event_2026_1', 'my_audit_event_2026_12']) {
    expect(monthNamed(name)).toBeUndefined()
  }
})

test('a year goes by: there are always this month and the next two, and old ones go whole', async ({
  alone,
  clock,
  createInstance,
  ownDatabase,
}) => {
  const core = await createInstance({ databaseUrl: ownDatabase, settings: { AUDIT_RETENTION: 100 * DAY } })
  await pruneAudit(core)
  for (let month = 0; month < 12; month++) {
    await write(core)
    clock.advance(31 * DAY)
    const { deleted } = await pruneAudit(core)
    expect(deleted).toBe(0)
    const tables = await tablesOf(core)
    expect(tables).toEqual(expect.arrayContaining([0, 1, 2].map((later) => monthTable(core, later))))
    expect(tables.length).toBeLessThanOrEqual(9)
  }
  const kept = monthOf(new Date(clock.now().getTime() - 100 * DAY * 1000))
  const rows = await rowsOf(core)
  expect(Object.keys(rows).toSorted()[0]).toBe(kept.table)
  expect(rows).not.toHaveProperty(OTHER)
  expect((await listAuditEvents(alone)).items).toHaveLength(Object.keys(rows).length)
  expect(await pruneAudit(core)).toEqual({ made: [], dropped: [], deleted: 0 })
})

test('events of months that were not there are moved to them, or deleted one by one in the end', async ({
  alone,
  clock,
}) => {
  clock.advance(200 * DAY)
  await write(alone)
  clock.advance(62 * DAY)
  await write(alone)
  await write(alone)
  expect(await rowsOf(alone)).toEqual({ [OTHER]: 3 })
  const before = await listAuditEvents(alone)
  expect((await pruneAudit(alone)).made).toEqual([0, 1, 2].map((later) => monthTable(alone, later)))
  expect(await rowsOf(alone)).toEqual({ [OTHER]: 1, [monthTable(alone)]: 2 })
  expect(await listAuditEvents(alone)).toEqual(before)
  clock.advance((400 - 62 + 31) * DAY)
  expect((await pruneAudit(alone)).deleted).toBe(1)
  expect(await rowsOf(alone)).toEqual({ [monthOf(before.items[0]!.at).table]: 2 })
})

test('more events than can be moved while logins wait stay where they are, and the log says so once', async ({
  alone,
  clock,
  client,
}) => {
  clock.advance(200 * DAY)
  const fill = `insert into audit_event (at, name) select $1::timestamptz, 'user.updated' from generate_series(1, 20001)`
  await client.query(fill, [clock.now()])
  const [warn, told] = [vi.fn<Core['log']['warn']>(), new Set<string>()]
  const core = { ...alone, log: { ...alone.log, warn } }
  expect((await pruneAudit(core, told)).made).toEqual([1, 2].map((later) => monthTable(alone, later)))
  // It is not even tried: that would need this lock.
  await client.query(`begin; lock table ${OTHER} in row exclusive mode`)
  expect((await pruneAudit(core, told)).made).toEqual([])
  await client.query('commit')
  expect(warn.mock.calls).toEqual([[{ month: monthTable(alone) }, expect.stringContaining('more than 20000')]])
  expect(await rowsOf(alone)).toEqual({ [OTHER]: 20_001 })
  clock.advance(500 * DAY)
  expect((await pruneAudit(alone)).deleted).toBe(20_001)
})

/** Events of long ago, 40 MB of them. */
const FILL_OTHER = `
  insert into audit_event (at, name, user_agent)
  select $1::timestamptz, 'user.updated', repeat('x', 1800) from generate_series(1, 20001)`
const GUARDS = `select conname from pg_constraint where conrelid = '${OTHER}'::regclass and conname like '%without%'`

test('beside a large rest, months ahead are attached without reading it again, the month that runs is not', async ({
  createInstance,
  ownDatabase,
  clock,
  client,
}) => {
  // PostgreSQL says how it knows that no row is of the new month.
  const talkative = Object.assign(new URL(ownDatabase), { search: 'options=-c%20client_min_messages%3Ddebug1' })
  const alone = await createInstance({ databaseUrl: talkative.href })
  const known: string[] = []
  const pool: Pool = await alone.db.orm.em.getConnection().getNativeClient()
  pool.on('acquire', (connection) => {
    if (connection.listenerCount('notice') > 0) return
    connection.on('notice', ({ message = '' }) => {
      if (message.includes(`default partition "${OTHER}"`)) known.push(message)
    })
  })
  await client.query(FILL_OTHER, [new Date(clock.now().getTime() - 90 * DAY * 1000)])
  clock.advance(200 * DAY)
  const warn = vi.fn<Core['log']['warn']>()
  expect((await pruneAudit({ ...alone, log: { ...alone.log, warn } })).made).toEqual(
    [1, 2].map((later) => monthTable(alone, later)),
  )
  expect(warn.mock.calls).toEqual([[{ month: monthTable(alone) }, expect.stringContaining('too large')]])
  const implied = expect.stringContaining('is implied by existing constraints')
  expect(known).toEqual([implied, implied])
  expect((await client.query(GUARDS)).rows).toEqual([])
  // Events go on being written: now to the rest, later to their month.
  await write(alone)
  clock.advance(31 * DAY)
  await write(alone)
  expect(await rowsOf(alone)).toEqual({ [OTHER]: 20_002, [monthTable(alone)]: 1 })
})

test('a guard that a crash has left goes before its month begins', async ({ alone, clock, client }) => {
  clock.advance(200 * DAY)
  const { table, start } = monthOf(clock.now())
  await client.query(
    `alter table ${OTHER} add constraint ${OTHER}_without_${table} check (at < '${start.toISOString()}')`,
  )
  expect((await pruneAudit(alone)).made).toContain(table)
  expect((await client.query(GUARDS)).rows).toEqual([])
})

test('three instances at once: one is at it, nothing is made twice', async ({ createInstance, ownDatabase, clock }) => {
  const cores = await Promise.all([1, 2, 3].map(() => createInstance({ databaseUrl: ownDatabase })))
  clock.advance(200 * DAY)
  await write(cores[0]!)
  const done = await Promise.all(cores.map((core) => pruneAudit(core)))
  expect(done.flatMap(({ made }) => made)).toEqual([0, 1, 2].map((later) => monthTable(cores[0]!, later)))
  await tryLocked(cores[1]!.db, 'prune audit', async () => {
    expect(await pruneAudit(cores[0]!)).toEqual({ made: [], dropped: [], deleted: 0 })
  })
})

test('a role that may not create tables: an error to be told, and all else goes on', async ({
  createInstance,
  ownDatabase,
  client,
  clock,
}) => {
  const role = `role_${crypto.randomUUID().replaceAll('-', '')}`
  await client.query(`create role ${role} login password 'pass'`)
  await client.query(`grant select, insert, update, delete on all tables in schema public to ${role}`)
  await client.query(`grant usage on all sequences in schema public to ${role}`)
  const url = Object.assign(new URL(ownDatabase), { username: role, password: 'pass' })
  const core = await createInstance({ databaseUrl: url.href })
  try {
    await write(core)
    clock.advance(200 * DAY)
    await expect(pruneAudit(core)).rejects.toMatchObject({ code: 'unavailable' })
    const account = { email: 'ann@example.com', password: PASSWORD }
    await register(core, account)
    await login(core, account)
    expect(await rowsOf(core)).toMatchObject({ [OTHER]: 2 })
    clock.advance(500 * DAY)
    // It cannot drop months either, but rows it can delete.
    await expect(pruneAudit(core)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await rowsOf(core)).not.toHaveProperty(OTHER)
  } finally {
    await core.close()
    await client.query(`drop owned by ${role}; drop role ${role}`)
  }
})

test('who cannot have a lock shortly gives up, and logins have waited for less than a second', async ({
  alone,
  client,
  clock,
}) => {
  const account = { email: 'ann@example.com', password: PASSWORD }
  await register(alone, account)
  clock.advance(200 * DAY)
  // A backup that reads.
  await client.query('begin')
  await client.query(`select from ${OTHER}`)
  const pruning = expect(pruneAudit(alone)).rejects.toMatchObject({ code: 'unavailable' })
  const start = performance.now()
  while (performance.now() - start < 600) {
    const attempt = performance.now()
    await login(alone, account)
    expect(performance.now() - attempt).toBeLessThan(1000)
  }
  await pruning
  await client.query('commit')
  expect((await pruneAudit(alone)).made).toHaveLength(3)
  expect(await rowsOf(alone)).not.toHaveProperty(OTHER)
})

test('events that are written while their month is made arrive, none is refused', async ({
  alone,
  createInstance,
  ownDatabase,
  clock,
}) => {
  const writer = await createInstance({ databaseUrl: ownDatabase })
  for (let round = 0; round < 5; round++) {
    clock.advance(100 * DAY)
    await Promise.all([...Array.from({ length: 20 }, () => write(writer)), pruneAudit(alone)])
  }
  await pruneAudit(alone)
  const rows = await rowsOf(alone)
  expect(Object.values(rows).reduce((sum, count) => sum + count, 0)).toBe(100)
  expect(rows).not.toHaveProperty(OTHER)
})

test('a partition made for a month has what the first ones have', async ({ alone, client, clock }) => {
  const shape = (table: string) =>
    client.query(
      `select (select array_agg(format('%s %s %s %s', column_name, data_type, is_nullable, column_default) order by ordinal_position)
                 from information_schema.columns where table_name = $1) as columns,
              (select array_agg(replace(indexdef, $1, '') order by indexdef) from pg_indexes where tablename = $1) as indexes`,
      [table],
    )
  await makeMonth(alone.db, monthOf(clock.now(), 7))
  expect((await shape(monthTable(alone, 7))).rows).toEqual((await shape(monthTable(alone, 0))).rows)
})
