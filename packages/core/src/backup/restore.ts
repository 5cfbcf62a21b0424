import type { Readable } from 'node:stream'
import type { Actor } from '../audit/origin.ts'
import { monthOf, readPartitions } from '../audit/partitions.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { knownKeys } from '../crypto.ts'
import type { Runner } from '../database/database.ts'
import { lockInTransaction } from '../database/lock.ts'
import { migrate } from '../database/migrate.ts'
import { statement, UNPREPARED } from '../database/statement.ts'
import { storedChanges } from '../settings/stored.ts'
import { lockNewest, type Newest, readNewest, SETTINGS_CHANNEL, writeRevision } from '../settings/stored-revision.ts'
import { openKey } from '../signing-keys/ring-key.ts'
import { KEYS_LOCK, notifyKeys, readStoredKeys } from '../signing-keys/stored.ts'
import { longTransaction } from './connection.ts'
import {
  BACKUP_SEQUENCES,
  BACKUP_TABLES,
  type BackupHeader,
  type BackupTable,
  isAuthentic,
  noRows,
  readHeader,
  type RowCounts,
  rowOf,
  SEQUENCE_NAMES,
} from './format.ts'
import { type SpooledBackup, spooled } from './spool.ts'
import { checkTarget } from './target.ts'
import { UnfitBackupError } from './unfit.ts'

/** Rows, and characters of them, that are in memory at once. */
const ROWS_AT_ONCE = 1000
const LENGTH_AT_ONCE = 2 ** 20

/** What a backup is, for whoever decides whether to restore it. */
export interface BackupSummary {
  /** When it was made: what was done since is not in it. */
  at: Date
  /** The version of Latchkey that made it. */
  version: string
  rows: RowCounts
}

/** How {@link restoreBackup} goes about it. */
export interface RestoreOptions {
  actor: Actor
  /** Whether a database that holds accounts may be restored into: all that is in it is replaced. */
  replace?: boolean
  /** Asked once it is clear that the backup is whole and fits; nothing is changed unless it answers true. */
  confirm?: (backup: BackupSummary) => Promise<boolean>
}

/** What a migration changes, who becomes an admin, and which key signs: all wait until this is over, or the other way round. */
const LOCKS = ['latchkey migrate', 'latchkey admins', KEYS_LOCK]

/** Others give up after a second each; a transaction that is as long as this one should be waited for by hand. */
const WAIT_SHORTLY = statement(UNPREPARED, `set local lock_timeout = '10s'`)
/** In the order in which a login or a refresh takes them, so that neither waits for the other for ever. */
const LOCK_TABLES = statement(
  'restore.lock',
  'lock table session, account, signing_key, settings_revision, audit_event, statistic in access exclusive mode',
)
/** Not `restart identity`: an id that this database has given out does not come back, either. */
const EMPTY = statement('restore.empty', `truncate ${BACKUP_TABLES.join(', ')}`)

/**
 * A token of a restored session may be newer than its row, which then must not take it for a replay: see `refresh`.
 */
const INSERT = Object.fromEntries(
  BACKUP_TABLES.map((table) => {
    const extra = table === 'session' ? `element || '{"restored": true}'` : 'element'
    return [
      table,
      statement(
        `restore.insert ${table}`,
        `insert into ${table}
         select row.* from jsonb_array_elements($1::jsonb) as element, jsonb_populate_record(null::${table}, ${extra}) as row`,
      ),
    ]
  }),
) as Record<BackupTable, ReturnType<typeof statement>>

/** The highest number that was ever given out: here, by the server that was backed up, or to a row. */
const ADVANCE = Object.fromEntries(
  SEQUENCE_NAMES.map((name) => [
    name,
    statement(
      `restore.advance ${name}`,
      `select setval('${name}', last) from (
         select greatest($1::bigint, (select case when is_called then last_value else 0 end from ${name}),
                         (select max(id) from ${BACKUP_SEQUENCES[name]})) as last) as numbers
        where last > 0`,
    ),
  ]),
) as Record<(typeof SEQUENCE_NAMES)[number], ReturnType<typeof statement>>

const NOTIFY = statement('restore.notify', `select pg_notify('${SETTINGS_CHANNEL}', $1)`)

/**
 * Brings a backup back: all of it, in one transaction, or nothing. The file is checked whole before anything is changed.
 * A database without a schema gets that of this version first.
 *
 * Ids that were given out since the backup come back only where this is another database than the one that was backed
 * up. Clients stay logged in: whose refresh token is newer than the backup is asked to log in again, and no session is
 * ended for it. Servers that run take over the settings and the signing keys at once.
 *
 * @returns what was restored; undefined when `confirm` said no
 * @throws UnfitBackupError why it must not be restored here
 * @throws WrongRootSecretError when its signing keys belong to another root secret
 * @throws LatchkeyError `unavailable`
 */
export async function restoreBackup(
  core: Core,
  from: Readable,
  { actor, replace = false, confirm = async () => true }: RestoreOptions,
): Promise<BackupSummary | undefined> {
  return await spooled(from, async (backup) => {
    const header = await checkedHeader(core, backup)
    const { bare } = await checkTarget(core.db, header, replace)
    const { at, latchkey: version } = header
    const summary = { at: new Date(at), version, rows: backup.trailer.rows }
    if (!(await confirm(summary))) return undefined
    if (bare) await migrate(core.db, core.log)
    await longTransaction(core.db, 'change', async (transaction) => {
      const before = await takeOver(transaction, core)
      await checkTarget(transaction, header, replace)
      await transaction.many(EMPTY, [])
      await makeMonths(transaction, core, header)
      await insertRows(transaction, backup)
      for (const name of SEQUENCE_NAMES) await transaction.many(ADVANCE[name], [header.sequences[name]])
      for (const key of (await readStoredKeys(transaction, core.clock)).keys) openKey(core, key)
      await notifyKeys(transaction)
      await record(transaction, core, { name: 'database.restored', actor, details: { ...summary } })
      await putSettingsInForce(transaction, core, { before, actor, at })
    })
    return summary
  })
}

/** @throws UnfitBackupError */
async function checkedHeader(core: Core, { trailer, lines }: SpooledBackup): Promise<BackupHeader> {
  const keys = knownKeys(core).map(({ backup }) => backup)
  const { header, key } = readHeader(keys, await firstOf(lines()))
  if (isAuthentic(key, trailer)) return header
  throw new UnfitBackupError(
    'damaged',
    'The backup was changed by somebody who does not know the root secret. Nothing was changed here.',
  )
}

/** Reads no further: leaving the loop ends what the lines come from. */
async function firstOf(lines: AsyncGenerator<string>): Promise<string | undefined> {
  for await (const line of lines) return line
  return undefined
}

/** Keeps everybody else out until the end. @returns the settings that were in force */
async function takeOver(transaction: Runner, core: Core): Promise<Newest> {
  await transaction.many(WAIT_SHORTLY, [])
  for (const name of LOCKS) await lockInTransaction(transaction, name)
  const before = await lockNewest(transaction, core)
  await transaction.many(LOCK_TABLES, [])
  return before
}

/** Makes the months of the audit that are in the backup and not here: else all their events would lie in one table. */
async function makeMonths(
  transaction: Runner,
  { clock, log }: Core,
  { audit_from: from }: BackupHeader,
): Promise<void> {
  if (from === null) return
  const { now, tables } = await readPartitions(transaction, clock.sql())
  await transaction.many(statement(UNPREPARED, 'savepoint months'), [])
  try {
    for (let month = monthOf(new Date(from)); month.start <= now; month = monthOf(month.end)) {
      if (tables.includes(month.table)) continue
      const [start, end] = [month.start.toISOString(), month.end.toISOString()]
      const text = `create table ${month.table} partition of audit_event for values from ('${start}') to ('${end}')`
      await transaction.many(statement(UNPREPARED, text), [])
    }
  } catch (error) {
    await transaction.many(statement(UNPREPARED, 'rollback to savepoint months'), [])
    log.warn({ err: error }, 'the months of the audit cannot be made; its events go into one table')
  }
}

/** @throws UnfitBackupError when there are not as many rows as there should be */
async function insertRows(transaction: Runner, { trailer, lines }: SpooledBackup): Promise<void> {
  const inserted = noRows()
  for await (const { table, rows } of batchesOf(lines())) {
    await transaction.many(INSERT[table], [`[${rows.join(',')}]`])
    inserted[table] += rows.length
  }
  if (BACKUP_TABLES.some((table) => inserted[table] !== trailer.rows[table])) {
    throw new UnfitBackupError('damaged', 'The backup does not have as many rows as it says. Nothing was changed.')
  }
}

interface Batch {
  table: BackupTable
  rows: string[]
}

async function* batchesOf(lines: AsyncGenerator<string>): AsyncGenerator<Batch> {
  await lines.next() // the header
  let batch: Batch | undefined
  let length = 0
  for await (const line of lines) {
    const row = rowOf(line)
    if (row === undefined)
      throw new UnfitBackupError('damaged', 'The backup has a line that is no row. Nothing was changed.')
    if (
      batch !== undefined &&
      (batch.table !== row.table || batch.rows.length === ROWS_AT_ONCE || length > LENGTH_AT_ONCE)
    ) {
      yield batch
      batch = undefined
    }
    if (batch === undefined) [batch, length] = [{ table: row.table, rows: [] }, 0]
    batch.rows.push(row.json)
    length += row.json.length
  }
  if (batch !== undefined) yield batch
}

/**
 * Has servers that run take over the restored settings. They go by the number of a revision; where this database had
 * some, the numbers of the backup may say something else here. So what is restored then gets the next number of both.
 */
async function putSettingsInForce(
  transaction: Runner,
  core: Core,
  { before, actor, at }: { before: Newest; actor: Actor; at: string },
): Promise<void> {
  const restored = await readNewest(transaction, core)
  if (before.number === 0) {
    await transaction.many(NOTIFY, [String(restored.number)])
    return
  }
  await writeRevision(
    transaction,
    core,
    { ...restored, number: Math.max(before.number, restored.number) },
    {
      kind: 'rollback',
      stored: restored.stored,
      changes: storedChanges(before.stored, restored.stored, restored.now),
      restores: restored.number,
      reason: `Restored from the backup of ${at.slice(0, 19)}Z.`,
      actor,
    },
  )
}
