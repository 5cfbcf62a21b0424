import { longTransaction } from '../backup/connection.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'

const COUNT = statement<{ count: number }>(
  'session.under-other-keys',
  `select count(*) as count from session as s, (select coalesce($2::timestamptz, clock_timestamp()) as now) as t
    where s.ended_at is null and s.expires_at > t.now and s.key_id <> $1`,
)

/**
 * How many sessions live that another root secret than that of now has made the tokens of. Each moves to the secret in force
 * with its next refresh. Once there are none, nobody is logged out when the secret before is taken away.
 *
 * It reads all sessions that live, however long that takes.
 *
 * @throws LatchkeyError `unavailable`
 */
export async function countSessionsUnderOtherKeys({ db, keys, clock }: Core): Promise<number> {
  return await longTransaction(db, 'snapshot', async (transaction) => {
    return (await transaction.one(COUNT, [keys.id, clock.sql()]))?.count ?? 0
  })
}
