import { silentLog } from '../log.ts'
import { prepare, readiness } from '../readiness.ts'
import { expect, test } from '../testing/test.ts'
import { migrate, MIGRATION_NAMES, pendingMigrations } from './migrate.ts'
import { statement } from './statement.ts'

test('the migrated schema is what the entities say', async ({ core }) => {
  const ours = await core.db.orm.schema.getUpdateSchemaSQL({ wrap: false })
  // MikroORM's own list of what ran is no entity of ours.
  const drawn = ours
    .replace(/^drop table if exists "migration" cascade;\s*/m, '')
    // Only the migration knows these; what they do is tested where they are called.
    .replaceAll(/^drop function if exists "rate_limit_(take|give_back)"\([^)]*\);\s*/gm, '')
  expect(drawn.trim()).toBe('')
})

test('sessions have room on each page for HOT updates', async ({ core }) => {
  const options = statement<{ options: string[] }>(
    'test.options',
    `select reloptions as options from pg_class where relname = 'session'`,
  )
  expect(await core.db.one(options, [])).toEqual({ options: ['fillfactor=30'] })
})

test('counters are not logged, and have room on each page too', async ({ core }) => {
  const kind = statement<{ persistence: string; options: string[] }>(
    'test.counters',
    `select relpersistence as persistence, reloptions as options from pg_class where relname = 'rate_limit'`,
  )
  expect(await core.db.one(kind, [])).toEqual({ persistence: 'u', options: ['fillfactor=30'] })
})

test('no index has a column that a refresh changes', async ({ core }) => {
  const indexed = statement<{ column: string }>(
    'test.indexed',
    `select distinct a.attname as column from pg_index i join pg_attribute a on a.attrelid = i.indexrelid
      where i.indrelid = 'session'::regclass order by 1`,
  )
  expect(await core.db.many(indexed, [])).toEqual([
    { column: 'account_id' },
    { column: 'created_at' },
    { column: 'id' },
    { column: 'selector_mac' },
  ])
})

test('instances that start at once on an empty database migrate it once', async ({ createInstance, emptyDatabase }) => {
  const databaseUrl = await emptyDatabase()
  const cores = await Promise.all([1, 2, 3].map(() => createInstance({ databaseUrl })))
  const { db } = await createInstance({ databaseUrl })
  expect(await pendingMigrations(db)).toEqual(MIGRATION_NAMES)
  await Promise.all(cores.map((core) => migrate(core.db, silentLog)))
  expect(await pendingMigrations(db)).toEqual([])
})

test('is not ready on pending migrations unless it may run them', async ({ createInstance, emptyDatabase }) => {
  const core = await createInstance({ databaseUrl: await emptyDatabase() })
  const pending = { part: 'migrations', detail: `pending: ${MIGRATION_NAMES.join(', ')}` }
  expect(await prepare(core, { migrating: false })).toEqual(pending)
  expect(await readiness(core)).toEqual(pending)
  expect(await prepare(core, { migrating: true })).toBeUndefined()
  expect(await readiness(core)).toBeUndefined()
})

test('a database that forgets commits is refused', async ({ createInstance, emptyDatabase }) => {
  const databaseUrl = await emptyDatabase()
  const { db } = await createInstance({ databaseUrl })
  const name = new URL(databaseUrl).pathname.slice(1)
  await db.many(statement('test.forget', `alter database ${name} set synchronous_commit = off`), [])
  await expect(createInstance({ databaseUrl })).rejects.toThrow('synchronous_commit is off')
})
