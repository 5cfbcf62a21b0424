import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { EndReason } from '../sessions/session.ts'

const END = statement(
  'session.end-all',
  `update session as s set ended_at = t.now, end_reason = $2
     from (select coalesce($3::timestamptz, clock_timestamp()) as now) as t
    where s.account_id = $1 and s.ended_at is null and s.expires_at > t.now`,
)

/**
 * Ends every live session of an account, in the transaction that has changed the account's row before. In this order,
 * because a login holds the account's row while it opens its session: it is either seen here, or sees the change.
 */
export async function endSessions(
  transaction: Runner,
  { clock }: Core,
  accountId: number,
  reason: EndReason,
): Promise<void> {
  await transaction.many(END, [accountId, reason, clock.sql()])
}
