import { NO_ORIGIN, type Origin } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'

const END = statement<{ sessionId: string }>(
  'session.log-out',
  `with ended as (
    update session as s set ended_at = t.now, end_reason = 'logged_out'
      from (select coalesce($2::timestamptz, clock_timestamp()) as now) as t
     where s.selector_mac = any ($1::bytea[]) and s.ended_at is null and s.expires_at > t.now
    returning s.id, s.account_id, s.ended_at),
  recorded as (
    insert into audit_event (at, name, account_id, session_id, actor, actor_id, address, user_agent, request_id)
    select ended_at, 'user.logged_out', account_id, id, 'owner', account_id, $3, $4, $5 from ended)
  select id as "sessionId" from ended`,
)

/**
 * Ends the session of a refresh token; any token of the session will do, a rotated one too. It takes the same row lock
 * as a refresh in flight and ends the session whichever of the two comes first.
 *
 * @param uuid the refresh token, already validated as a UUID
 * @throws LatchkeyError `invalid_refresh_token` when there is no such live session
 */
export async function logout(
  { db, refreshTokens, clock }: Core,
  uuid: string,
  { address, userAgent, requestId }: Origin = NO_ORIGIN,
): Promise<void> {
  const token = refreshTokens.parse(uuid)
  const selectorMacs = [token, token.other()].flatMap((each) => each?.selectorMac ?? [])
  const ended = await db.one(END, [selectorMacs, clock.sql(), address, userAgent, requestId])
  if (ended === undefined) throw new LatchkeyError('invalid_refresh_token')
}
