import type { Core } from './core.ts'
import { migrate, pendingMigrations } from './database/migrate.ts'
import { statement } from './database/statement.ts'
import { LatchkeyError } from './errors.ts'
import { loadSettings } from './settings/follow.ts'
import { tendKeys } from './signing-keys/tend.ts'

/** Why an instance cannot serve yet: which part, and a sentence for the operator. */
export interface NotReady {
  part: 'database' | 'migrations' | 'keys'
  detail: string
}

const VERSION_MIN = 150_000

const SERVER = statement<{ versionNumber: number; version: string; synchronousCommit: string; primary: boolean }>(
  'server.facts',
  `select current_setting('server_version_num')::int as "versionNumber", current_setting('server_version') as version,
          current_setting('synchronous_commit') as "synchronousCommit", not pg_is_in_recovery() as primary`,
)

/** A database that must not be served from: too old, or one that forgets commits. The message says what to do. */
export class UnfitDatabaseError extends Error {
  override readonly name = 'UnfitDatabaseError'
}

/**
 * Makes ready to serve, as far as it may: checks the database, migrates it if asked to, loads the settings and the
 * signing keys.
 *
 * @returns what is still in the way, or undefined when ready
 * @throws UnfitDatabaseError when this database must not be served from, however long one waits
 */
export async function prepare(core: Core, { migrating }: { migrating: boolean }): Promise<NotReady | undefined> {
  try {
    await checkServer(core)
    if (migrating) await migrate(core.db, core.log)
    const obstacle = await migrationObstacle(core)
    if (obstacle !== undefined) return obstacle
    // In this order: once the keys are there it serves, and then by the newest settings.
    await loadSettings(core)
    await tendKeys(core)
    return undefined
  } catch (error) {
    return databaseObstacle(error)
  }
}

const READ_ONLY = statement<{ readOnly: boolean }>(
  'server.read-only',
  `select current_setting('transaction_read_only')::boolean as "readOnly"`,
)

/** Whether an instance that is prepared can serve right now. Two trivial queries. */
export async function readiness(core: Core): Promise<NotReady | undefined> {
  try {
    if ((await core.db.one(READ_ONLY, []))?.readOnly) return { part: 'database', detail: 'is read-only' }
    const obstacle = await migrationObstacle(core)
    if (obstacle !== undefined) return obstacle
  } catch (error) {
    return databaseObstacle(error)
  }
  return core.ring.loaded() ? undefined : { part: 'keys', detail: 'not loaded yet' }
}

/** After a crash, `synchronous_commit = off` ended 69 of 792 honest sessions as replays: their rotations were lost. */
async function checkServer({ db }: Core): Promise<void> {
  const server = await db.one(SERVER, [])
  if (server === undefined) throw new LatchkeyError('unavailable')
  if (server.versionNumber < VERSION_MIN) {
    throw new UnfitDatabaseError(`PostgreSQL ${server.version} is too old: Latchkey needs 15 or later.`)
  }
  if (server.primary && server.synchronousCommit === 'off') {
    throw new UnfitDatabaseError(
      'synchronous_commit is off: after a crash honest clients would be logged out. Set it to on for this database or role.',
    )
  }
}

async function migrationObstacle({ db }: Core): Promise<NotReady | undefined> {
  const pending = await pendingMigrations(db)
  return pending.length === 0 ? undefined : { part: 'migrations', detail: `pending: ${pending.join(', ')}` }
}

/** In the words of PostgreSQL or of the driver, for the log: neither quotes values for these errors. */
function databaseObstacle(error: unknown): NotReady {
  if (!(error instanceof LatchkeyError) || error.code !== 'unavailable') throw error
  const { cause } = error
  return {
    part: 'database',
    detail: cause instanceof Error && cause.message !== '' ? cause.message : 'does not answer',
  }
}
