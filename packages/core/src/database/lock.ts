import type { Database, Runner } from './database.ts'
import { statement } from './statement.ts'

/** SQL that takes the lock of a name (an SQL text) until the transaction ends; for statements that take it by themselves. */
export const lockSql = (name: string): string => `pg_advisory_xact_lock(hashtextextended(${name}, 0))`

const LOCK_IN_TRANSACTION = statement('lock.in-transaction', `select ${lockSql('$1')}`)
const TRY_LOCK = statement<{ taken: boolean }>(
  'lock.try',
  'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
)
const UNLOCK = statement('lock.release', 'select pg_advisory_unlock(hashtextextended($1, 0))')

/** Waits for a lock that the end of the transaction releases: one at a time, in the whole cluster. */
export async function lockInTransaction(transaction: Runner, name: string): Promise<void> {
  await transaction.many(LOCK_IN_TRANSACTION, [name])
}

/** Does `work` if no other instance is at it; says whether it did. Needs session pooling, as all locks do. */
export function tryLocked(db: Database, name: string, work: () => Promise<void>): Promise<boolean> {
  return db.reserve(async (connection) => {
    const lock = await connection.one(TRY_LOCK, [name])
    if (lock?.taken !== true) return false
    await work()
    await connection.many(UNLOCK, [name])
    return true
  })
}
