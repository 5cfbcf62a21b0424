import { MikroORM } from '@mikro-orm/postgresql'
import type { Log } from '../log.ts'
import { connectionOptions, type Database, type Runner } from './database.ts'
import { ENTITIES } from './entities.ts'
import { asFault, sqlState } from './faults.ts'
import { lockSql } from './lock.ts'
import { statement } from './statement.ts'

const TABLE = 'migration'

/** In the order in which they run. A name stays as it is once it was released: it is how a database remembers it. */
const MIGRATIONS = [
  {
    name: '0001-accounts-and-sessions',
    load: async () => (await import('./migrations/0001-accounts-and-sessions.ts')).AccountsAndSessions,
  },
  {
    name: '0002-operators',
    load: async () => (await import('./migrations/0002-operators.ts')).Operators,
  },
  {
    name: '0003-limits',
    load: async () => (await import('./migrations/0003-limits.ts')).Limits,
  },
  {
    name: '0004-key-rotation',
    load: async () => (await import('./migrations/0004-key-rotation.ts')).KeyRotation,
  },
  {
    name: '0005-known-secrets',
    load: async () => (await import('./migrations/0005-known-secrets.ts')).KnownSecrets,
  },
]

/** The names of all migrations of this version, in order. */
export const MIGRATION_NAMES: string[] = MIGRATIONS.map(({ name }) => name)

const EXECUTED = statement<{ name: string }>('migration.executed', `select name from ${TABLE}`)

/** A migration of this version. */
export interface MigrationState {
  name: string
  /** Whether the database lacks it. */
  pending: boolean
}

/**
 * The names of the migrations that the database has, those of later versions too. One query; changes nothing.
 *
 * @throws LatchkeyError `unavailable`
 */
export async function executedMigrations(runner: Runner): Promise<string[]> {
  const executed = await runner.many(EXECUTED, []).catch((error: unknown) => {
    if (error instanceof Error && sqlState(error.cause) === '42P01') return [] // no table: nothing ever ran
    throw error
  })
  return executed.map(({ name }) => name)
}

/**
 * Every migration of this version, in order, and whether the database has it. One query; changes nothing.
 *
 * @throws LatchkeyError `unavailable`
 */
export async function migrationStates(db: Database): Promise<MigrationState[]> {
  const executed = await executedMigrations(db)
  return MIGRATION_NAMES.map((name) => ({ name, pending: !executed.includes(name) }))
}

/**
 * The names of the migrations that this version has and the database has not. One query; changes nothing.
 *
 * @throws LatchkeyError `unavailable`
 */
export async function pendingMigrations(db: Database): Promise<string[]> {
  return (await migrationStates(db)).filter(({ pending }) => pending).map(({ name }) => name)
}

/**
 * Brings the schema up to this version. Instances that start at once queue up at an advisory lock; all but the first
 * find nothing to do. It runs on a connection of its own, without the time limits of requests.
 *
 * @throws LatchkeyError `unavailable`, or what PostgreSQL says of a migration that cannot run
 */
export async function migrate(db: Database, log: Log): Promise<void> {
  if ((await pendingMigrations(db)).length === 0) return
  const { Migrator } = await import('@mikro-orm/migrations')
  const migrationsList = await Promise.all(MIGRATIONS.map(async ({ name, load }) => ({ name, class: await load() })))
  const orm = await MikroORM.init({
    entities: ENTITIES,
    ...connectionOptions(db.url, log),
    driverOptions: { connectionString: db.url, application_name: 'latchkey migrate', max: 2 },
    extensions: [Migrator],
    migrations: { tableName: TABLE, migrationsList, snapshot: false, silent: true },
  })
  try {
    await orm.em.transactional(async (em) => {
      await em.execute(`select ${lockSql("'latchkey migrate'")}`)
      const executed = await orm.migrator.up()
      if (executed.length > 0) log.info({ migrations: executed.map((each) => each.name) }, 'database migrated')
    })
  } catch (error) {
    throw asFault(error)
  } finally {
    await orm.close()
  }
}
