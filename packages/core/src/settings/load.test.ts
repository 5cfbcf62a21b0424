import { readAccount } from '../accounts/read.ts'
import { register } from '../accounts/register.ts'
import { checkAccessToken } from '../access-tokens/check.ts'
import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { prepare } from '../readiness.ts'
import { login } from '../sessions/login.ts'
import { refresh } from '../sessions/refresh.ts'
import { expect, test } from '../testing/test.ts'
import { saveSettings } from './change.ts'
import { loadSettings } from './follow.ts'
import { askNewest } from './stored-revision.ts'

const CALLS = statement<{ calls: number }>(
  'test.calls',
  `select coalesce(sum(calls), 0)::bigint as calls from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database()) and strpos(query, $1) > 0`,
)

const callsFor = async ({ db }: Core, table: string) => (await db.one(CALLS, [table]))?.calls ?? 0

test('a database without the tables yet is told as before, and the defaults hold', async ({
  createInstance,
  emptyDatabase,
}) => {
  const core = await createInstance({ databaseUrl: await emptyDatabase() })
  expect(await prepare(core, { migrating: false })).toMatchObject({ part: 'migrations' })
  expect([core.settings.revision(), core.settings.current().ACCESS_TOKEN_LIFETIME]).toEqual([0, 30])
  await expect(loadSettings(core)).rejects.toMatchObject({ code: 'unavailable' })
  expect(await prepare(core, { migrating: true })).toBeUndefined()
  expect(await loadSettings(core)).toBe(0)
})

test('a database that takes no changes is loaded from all the same, and no override outlasts its time', async ({
  createInstance,
  migratedDatabase,
  clock,
}) => {
  const databaseUrl = await migratedDatabase()
  const before = await createInstance({ databaseUrl })
  await saveSettings(before, { changes: { REFRESH_GRACE: 2 }, base: 0, forSeconds: 60 }, COMMAND)
  await saveSettings(before, { changes: { ACCESS_TOKEN_LIFETIME: 60 }, base: 1 }, COMMAND)
  const READ_ONLY =
    'do $$ begin execute format($f$alter database %I set default_transaction_read_only = on$f$, current_database()); end $$'
  await before.db.many(statement('test.read-only', READ_ONLY), [])
  clock.advance(61)
  const core = await createInstance({ databaseUrl })
  expect(core.settings.revision()).toBe(2)
  expect(core.settings.current()).toMatchObject({ ACCESS_TOKEN_LIFETIME: 60, REFRESH_GRACE: 10 })
  expect(core.ring.loaded()).toBe(true)
})

test('a revision that takes the number of one that a failover or a restore has lost is put in force, too', async ({
  createInstance,
  migratedDatabase,
  clock,
}) => {
  const databaseUrl = await migratedDatabase()
  const [core, other] = [await createInstance({ databaseUrl }), await createInstance({ databaseUrl })]
  await saveSettings(core, { changes: { REFRESH_GRACE: 5 }, base: 0 }, COMMAND)
  await loadSettings(other)
  await core.db.many(statement('test.lose', 'delete from settings_revision'), [])
  clock.advance(1)
  await saveSettings(core, { changes: { REFRESH_GRACE: 7 }, base: 0 }, COMMAND)
  expect(await loadSettings(other)).toBe(1)
  expect([core, other].map(({ settings }) => settings.current().REFRESH_GRACE)).toEqual([7, 7])
  expect((await askNewest(core.db, core, core.settings.revisionId())).stored).toBeUndefined()
})

test('a database set up for repeatable read loses no save either', async ({ createInstance, migratedDatabase }) => {
  const databaseUrl = await migratedDatabase()
  const before = await createInstance({ databaseUrl })
  const ISOLATION = `do $$ begin execute format($f$alter database %I set default_transaction_isolation = 'repeatable read'$f$, current_database()); end $$`
  await before.db.many(statement('test.repeatable-read', ISOLATION), [])
  const cores = await Promise.all([1, 2, 3].map(() => createInstance({ databaseUrl })))
  const outcomes = await Promise.allSettled(
    cores.map((core, i) => saveSettings(core, { changes: { ACCESS_TOKEN_LIFETIME: 60 + i }, base: 0 }, COMMAND)),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'revision_conflict' })
  }
})

test('no request costs a query for settings, also while an override runs out', async ({
  createInstance,
  migratedDatabase,
  clock,
}) => {
  const core = await createInstance({ databaseUrl: await migratedDatabase() })
  await saveSettings(core, { changes: { ACCESS_TOKEN_LIFETIME: 600 }, base: 0, forSeconds: 60 }, COMMAND)
  await core.db.many(statement('test.extension', 'create extension if not exists pg_stat_statements'), [])
  const before = await callsFor(core, 'settings_revision')
  const credentials = { email: 'mara@example.com', password: 'correct horse 42' }
  await register(core, credentials)
  const { refreshToken } = await login(core, credentials)
  clock.advance(61)
  const { accessToken } = await refresh(core, refreshToken)
  await readAccount(core, checkAccessToken(core, accessToken))
  expect(await callsFor(core, 'session')).toBeGreaterThan(0)
  // Another test may have set the counts of all databases to nothing meanwhile.
  expect(await callsFor(core, 'settings_revision')).toBeLessThanOrEqual(before)
})
