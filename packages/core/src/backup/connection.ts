import { Client } from 'pg'
import { type Database, type Runner, runnerOn } from '../database/database.ts'
import { asFault } from '../database/faults.ts'
import { statement, UNPREPARED } from '../database/statement.ts'

const PATIENCE = 10_000

/** Also those that somebody has set for the role or the database. Those that this PostgreSQL does not know are not set. */
const NO_TIME_LIMITS = statement(
  UNPREPARED,
  `select set_config(name, '0', false) from pg_settings
    where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`,
)
/** How values look in JSON does not depend on what somebody has set, either. */
const PLAIN_VALUES = statement(
  UNPREPARED,
  `select set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false),
          set_config('bytea_output', 'hex', false), set_config('extra_float_digits', '1', false)`,
)

const BEGIN = {
  snapshot: 'begin isolation level repeatable read read only',
  change: 'begin isolation level read committed',
}

/**
 * One transaction on a connection of its own, without the time limits of requests: it may take as long as the database is
 * large. What `work` throws rolls back.
 *
 * @param kind `snapshot`: sees one moment and changes nothing
 * @throws LatchkeyError `unavailable`
 */
export async function longTransaction<T>(
  { url }: Database,
  kind: keyof typeof BEGIN,
  work: (transaction: Runner) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: url,
    application_name: 'latchkey backup',
    connectionTimeoutMillis: PATIENCE,
    keepAlive: true,
  })
  // A connection that is lost fails the statement that runs; without a listener it would end the process as well.
  client.on('error', () => {})
  try {
    await client.connect().catch((error: unknown) => {
      throw asFault(error)
    })
    const transaction = runnerOn(client)
    await transaction.many(NO_TIME_LIMITS, [])
    await transaction.many(PLAIN_VALUES, [])
    await transaction.many(statement(UNPREPARED, BEGIN[kind]), [])
    const result = await work(transaction)
    await transaction.many(statement(UNPREPARED, 'commit'), [])
    return result
  } finally {
    // Whatever is not committed goes with the connection.
    await client.end().catch(() => {})
  }
}
