import type { AccessClaims } from '../access-tokens/claims.ts'
import { endSessions } from '../accounts/end-sessions.ts'
import { lockAccount, lockOwner } from '../accounts/lock-account.ts'
import { adminTransaction } from '../admins/transaction.ts'
import { type Actor, actorOf, type Origin } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import type { EndReason } from './session.ts'

const WHOSE = statement<{ accountId: number }>(
  'session.whose',
  'select account_id as "accountId" from session where id = $1',
)

const END = statement<{ id: string }>(
  'session.end',
  `update session as s set ended_at = t.now, end_reason = $3
     from (select coalesce($4::timestamptz, clock_timestamp()) as now) as t
    where s.id = $1 and s.account_id = $2 and s.ended_at is null and s.expires_at > t.now
   returning s.id`,
)

/**
 * Ends a session of anybody.
 *
 * @throws LatchkeyError `not_found`, also when it has ended already
 */
export function endSession(core: Core, sessionId: string, actor: Actor): Promise<void> {
  return adminTransaction(core, actor, async (transaction) => {
    const whose = await transaction.one(WHOSE, [sessionId])
    if (whose === undefined) throw new LatchkeyError('not_found')
    await lockAccount(transaction, whose.accountId)
    await end(transaction, core, { ...whose, sessionId, reason: 'ended_by_admin', actor })
  })
}

/**
 * Ends a session of one's own, this one too.
 *
 * @throws LatchkeyError `invalid_token` when the session of the access token is over, `not_found` when the other is
 */
export function endOwnSession(core: Core, claims: AccessClaims, sessionId: string, origin: Origin): Promise<void> {
  const { accountId } = claims
  return core.db.transaction(async (transaction) => {
    await lockOwner(transaction, core, claims)
    const actor = actorOf('owner', claims, origin)
    await end(transaction, core, { accountId, sessionId, reason: 'ended_by_owner', actor })
  })
}

/**
 * Ends all sessions of one's own but that of the access token.
 *
 * @returns how many
 * @throws LatchkeyError `invalid_token` when that session is over
 */
export function endOtherSessions(core: Core, claims: AccessClaims, origin: Origin): Promise<number> {
  const { accountId, sessionId } = claims
  return core.db.transaction(async (transaction) => {
    await lockOwner(transaction, core, claims)
    const ended = await endSessions(transaction, core, accountId, 'ended_by_owner', sessionId)
    const actor = actorOf('owner', claims, origin)
    await record(transaction, core, {
      name: 'user.signed_out',
      actor,
      accountId,
      details: { ended, spared: sessionId },
    })
    return ended
  })
}

async function end(
  transaction: Runner,
  core: Core,
  { accountId, sessionId, reason, actor }: { accountId: number; sessionId: string; reason: EndReason; actor: Actor },
): Promise<void> {
  const ended = await transaction.one(END, [sessionId, accountId, reason, core.clock.sql()])
  if (ended === undefined) throw new LatchkeyError('not_found')
  await record(transaction, core, { name: 'session.ended', actor, accountId, sessionId })
}
