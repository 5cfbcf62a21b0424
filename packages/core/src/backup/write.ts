import { createHash } from 'node:crypto'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Actor } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { timeKeySql } from '../database/page.ts'
import { statement, UNPREPARED } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import {
  BACKUP_TABLES,
  type BackupTable,
  type HeaderFacts,
  headerLine,
  noRows,
  type RowCounts,
  rowLine,
  SEQUENCE_NAMES,
  trailerText,
} from './format.ts'
import { longTransaction } from './connection.ts'
import { tailOf } from './tail.ts'

/** Rows that are in memory at once. */
const ROWS_AT_ONCE = 1000

/** What {@link writeBackup} needs to know. */
export interface BackupOptions {
  actor: Actor
  /** Of Latchkey. */
  version: string
}

/** Until the end nobody drops a month of the audit, or restores something. */
const LOCK = statement('backup.lock', `lock table ${BACKUP_TABLES.join(', ')} in access share mode`)

/** The numbers are read after the moment that is backed up, so that none of its rows has a higher one. */
const FACTS = statement<Omit<HeaderFacts, 'latchkey'>>(
  'backup.facts',
  `select ${timeKeySql('coalesce($1::timestamptz, clock_timestamp())')} as at,
          array(select name::text from migration order by name) as migrations,
          json_build_object(${SEQUENCE_NAMES.map(
            (name) => `'${name}', (select case when is_called then last_value else 0 end from ${name})`,
          ).join(', ')}) as sequences,
          (select ${timeKeySql('min(at)')} from audit_event) as audit_from`,
)

const OPEN = Object.fromEntries(
  BACKUP_TABLES.map((table) => [
    table,
    statement(
      UNPREPARED,
      `declare backup_rows no scroll cursor for select row_to_json(t)::text as json from ${table} as t`,
    ),
  ]),
) as Record<BackupTable, ReturnType<typeof statement>>
const FETCH = statement<{ json: string }>(UNPREPARED, `fetch ${ROWS_AT_ONCE} from backup_rows`)
const CLOSE = statement(UNPREPARED, 'close backup_rows')

/**
 * Writes a backup of everything that cannot be made again: accounts, sessions, signing keys, settings with their history,
 * audit, statistics; as they are at one moment, while servers go on. It takes memory for a thousand rows, whatever there
 * is. It ends `to`.
 *
 * It is as secret as the database: who has it and the root secret can log in as anybody.
 *
 * @returns how many rows of each table there are in it
 * @throws LatchkeyError `unavailable`, or what writing to `to` fails with
 */
export async function writeBackup(core: Core, to: Writable, { actor, version }: BackupOptions): Promise<RowCounts> {
  // Before the first byte: who takes half a backup away leaves a trace, too.
  await record(core.db, core, { name: 'database.backed_up', actor })
  return await longTransaction(core.db, 'snapshot', async (transaction) => {
    await transaction.many(LOCK, [])
    const facts = await transaction.one(FACTS, [core.clock.sql()])
    if (facts === undefined) throw new LatchkeyError('unavailable')
    const header = headerLine(core.keys.backup, { ...facts, latchkey: version })
    const rows = noRows()
    const sha256 = createHash('sha256')

    async function* lines() {
      yield header
      for (const table of BACKUP_TABLES) {
        for await (const batch of batchesOf(transaction, table)) {
          rows[table] += batch.length
          yield batch.map(({ json }) => rowLine(table, json)).join('')
        }
      }
    }
    async function* withTail(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        sha256.update(chunk)
        yield chunk
      }
      yield tailOf(trailerText(core.keys.backup, rows, sha256.digest()))
    }
    // One batch ahead; the default of streams of objects would be sixteen.
    await pipeline(Readable.from(lines(), { highWaterMark: 1 }), createGzip(), withTail, to)
    return rows
  })
}

async function* batchesOf(transaction: Runner, table: BackupTable): AsyncGenerator<{ json: string }[]> {
  await transaction.many(OPEN[table], [])
  for (;;) {
    const batch = await transaction.many(FETCH, [])
    if (batch.length === 0) break
    yield batch
  }
  await transaction.many(CLOSE, [])
}
