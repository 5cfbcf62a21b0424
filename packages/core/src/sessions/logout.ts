import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'

const END = statement<{ sessionId: string }>(
  'session.log-out',
  `update session as s set ended_at = t.now, end_reason = 'logged_out'
     from (select coalesce($2::timestamptz, clock_timestamp()) as now) as t
    where s.selector_mac = $1 and s.ended_at is null and s.expires_at > t.now
   returning s.id as "sessionId"`,
)

/**
 * Ends the session of a refresh token; any token of the session will do, a rotated one too. It takes the same row lock
 * as a refresh in flight and ends the session whichever of the two comes first.
 *
 * @param uuid the refresh token, already validated as a UUID
 * @throws LatchkeyError `invalid_refresh_token` when there is no such live session
 */
export async function logout({ db, refreshTokens, clock }: Core, uuid: string): Promise<void> {
  const ended = await db.one(END, [refreshTokens.parse(uuid).selectorMac, clock.sql()])
  if (ended === undefined) throw new LatchkeyError('invalid_refresh_token')
}
