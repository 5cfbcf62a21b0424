import { type AccessTokenSubject, issueAccessToken } from '../access-tokens/issue.ts'
import { NO_ORIGIN, type Origin } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import type { TokenPair } from './pair.ts'
import { type RefreshToken, randomSalt } from './token.ts'

/**
 * What a token that is not replayed is: the current one, its parent within grace, or the grandparent within grace. To a
 * row that came out of a backup any token may be a newer one that the backup had not seen: it is refused, no more.
 */
const HONEST = `(
       s.token_mac = $2
    or s.restored
    or s.parent_mac = $2 and s.rotated_at > t.now - make_interval(secs => $5)
    or s.grandparent_mac = $2 and s.parent_rotated_at > t.now - make_interval(secs => $5))`

/**
 * Rotates, converges or ends the session, in one statement and one row changed in place.
 *
 * It matches on the selector alone and decides by CASE on the newest version of the row, so that racers wait for each
 * other and then judge what they find: one rotates, all others converge. (Matching on the token, else looking the
 * session up, judges racers by a stale snapshot: wrong for 793 of 1,050.)
 *
 * $1 selector's mac, $2 presented token's mac, $3 successor's mac, $4 salt, $5 grace in seconds, $6 refresh lifetime in
 * seconds, $7 now, or null for the database's clock, $8 the client's address, $9 its user agent, $10 the request's id.
 */
const SWAP = statement<Swapped>(
  'session.swap',
  `with swapped as (
    update session as s set
      token_mac         = case when s.token_mac = $2 then $3 else s.token_mac end,
      parent_mac        = case when s.token_mac = $2 then s.token_mac else s.parent_mac end,
      grandparent_mac   = case when s.token_mac = $2 then s.parent_mac else s.grandparent_mac end,
      successor_salt    = case when s.token_mac = $2 then $4 else s.successor_salt end,
      parent_rotated_at = case when s.token_mac = $2 then s.rotated_at else s.parent_rotated_at end,
      rotated_at        = case when s.token_mac = $2 then t.now else s.rotated_at end,
      expires_at        = case when s.token_mac = $2 then least(t.now + make_interval(secs => $6), s.ends_by)
                               else s.expires_at end,
      generation        = s.generation + (s.token_mac = $2)::int,
      converged         = s.converged + (s.token_mac <> $2 and s.parent_mac is not distinct from $2
                                         and s.rotated_at > t.now - make_interval(secs => $5))::int,
      ended_at          = case when ${HONEST} then null else t.now end,
      end_reason        = case when ${HONEST} then null else 'replayed' end,
      last_address      = case when s.token_mac = $2 then coalesce($8::text, s.last_address) else s.last_address end,
      restored          = s.restored and s.token_mac <> $2
     from account as a, (select coalesce($7::timestamptz, clock_timestamp()) as now) as t
    where s.selector_mac = $1 and s.ended_at is null and s.expires_at > t.now and a.id = s.account_id and a.active
    returning case when s.token_mac = $3 then 'rotated' when s.ended_at is not null then 'replayed'
                   when s.parent_mac = $2 and not s.restored then 'converged' else 'late' end as outcome,
              s.id, s.token_mac, s.successor_salt, a.id as account_id, a.username, t.now),
  recorded as (
    insert into audit_event (at, name, account_id, session_id, actor, address, user_agent, request_id)
    select now, 'session.replayed', account_id, id, 'anyone', $8::text, $9::text, $10::text
      from swapped where outcome = 'replayed')
  select outcome, id as "sessionId", account_id as "accountId", username, now,
         case outcome when 'converged' then token_mac end as "tokenMac",
         case outcome when 'converged' then successor_salt end as "successorSalt"
    from swapped`,
)

type Swapped = AccessTokenSubject &
  (
    | { outcome: 'rotated' | 'late' | 'replayed'; tokenMac: null; successorSalt: null }
    | { outcome: 'converged'; tokenMac: Buffer; successorSalt: Buffer }
  )

/**
 * Exchanges a refresh token for a new pair, both lifetimes starting anew.
 *
 * Within the grace window the parent gets the same successor again, so a second tab or a lost reply never logs anyone
 * out. The grandparent within its own window is refused, and the session lives. Any other old token ends its session,
 * and no other (RFC 9700, section 4.14).
 *
 * @param uuid the refresh token, already validated as a UUID
 * @throws LatchkeyError `invalid_refresh_token`, `too_many_requests`; `unavailable` when the database cannot answer, and
 * nothing has ended
 */
export async function refresh(core: Core, uuid: string, origin: Origin = NO_ORIGIN): Promise<TokenPair> {
  const { refreshTokens, settings, db, clock, counters, limits, log } = core
  const parent = refreshTokens.parse(uuid)
  limits.refresh(parent.selectorMac, origin)
  const salt = randomSalt()
  const successor = parent.successor(salt)
  const swapped = await db.one(SWAP, [
    parent.selectorMac,
    parent.mac,
    successor.mac,
    salt,
    settings.graceSeconds(),
    settings.current().REFRESH_TOKEN_LIFETIME,
    clock.sql(),
    origin.address,
    origin.userAgent,
    origin.requestId,
  ])
  limits.refreshed(parent.selectorMac, origin, swapped !== undefined)
  if (swapped?.outcome === 'rotated') return pairFor(core, swapped, successor)
  if (swapped?.outcome === 'converged') return pairFor(core, swapped, sameSuccessor(parent, swapped))
  if (swapped?.outcome === 'replayed') {
    counters.count('replays')
    log.warn({ sessionId: swapped.sessionId }, 'refresh token replayed: session ended')
  }
  throw new LatchkeyError('invalid_refresh_token')
}

function pairFor(core: Core, subject: AccessTokenSubject, refreshToken: RefreshToken): TokenPair {
  core.counters.count('refreshes')
  return { accessToken: issueAccessToken(core, subject), refreshToken: refreshToken.reveal() }
}

/** What the rotation gave out, made again from parent and salt. A row that says otherwise was tampered with. */
function sameSuccessor(parent: RefreshToken, swapped: { successorSalt: Buffer; tokenMac: Buffer }): RefreshToken {
  const successor = parent.successor(swapped.successorSalt)
  if (!successor.mac.equals(swapped.tokenMac)) throw new Error('the salt of a session does not give its token')
  return successor
}
