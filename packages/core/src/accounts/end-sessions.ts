import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { EndReason } from '../sessions/session.ts'

const END = statement<{ ended: number }>(
  'session.end-all',
  `with ended as (
    update session as s set ended_at = t.now, end_reason = $2
      from (select coalesce($3::timestamptz, clock_timestamp()) as now) as t
     where s.account_id = $1 and s.ended_at is null and s.expires_at > t.now and s.id is distinct from $4::uuid
    returning 1)
  select count(*) as ended from ended`,
)

/**
 * Ends every live session of an account, in the transaction that has changed or locked the account's row before. In this
 * order, because a login holds the account's row while it opens its session: it is either seen here, or sees the change.
 *
 * @param spared the session that goes on, if one shall
 * @returns how many have ended
 */
export async function endSessions(
  transaction: Runner,
  { clock }: Core,
  accountId: number,
  reason: EndReason,
  spared?: string,
): Promise<number> {
  const done = await transaction.one(END, [accountId, reason, clock.sql(), spared ?? null])
  return done?.ended ?? 0
}
