import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { AuditEventName } from './events.ts'
import type { Actor } from './origin.ts'

/** One event, as it is to be written. Never put a token, selector, password or hash in it. */
export interface AuditRecord {
  name: AuditEventName
  actor: Actor
  /** The account that it concerns. */
  accountId?: number | null
  /** The session that it concerns. */
  sessionId?: string | null
  /** What else is worth knowing, for people and machines: what was changed, why. */
  details?: object | null
}

const RECORD = statement(
  'audit.record',
  `insert into audit_event
          (at, name, account_id, session_id, actor, actor_id, actor_session_id, address, user_agent, request_id, details)
   values (coalesce($1::timestamptz, clock_timestamp()), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb)`,
)

/** Writes an event, in the transaction of the change that it tells of. */
export async function record(runner: Runner, { clock }: Core, event: AuditRecord): Promise<void> {
  const { name, actor, accountId = null, sessionId = null, details = null } = event
  await runner.many(RECORD, [
    clock.sql(),
    name,
    accountId,
    sessionId,
    actor.kind,
    actor.accountId,
    actor.sessionId,
    actor.address,
    actor.userAgent,
    actor.requestId,
    details === null ? null : JSON.stringify(details),
  ])
}
