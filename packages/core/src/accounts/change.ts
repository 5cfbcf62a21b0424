import type { AccessClaims } from '../access-tokens/claims.ts'
import { NO_ORIGIN, type Origin } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { batched } from '../database/batch.ts'
import { lockSql } from '../database/lock.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { emailLock, parseEmail } from './email.ts'
import { emailTaken } from './email-taken.ts'
import type { Profile } from './read.ts'

/**
 * A token may outlive its session by seconds, but changes nothing then. Whatever this statement waits for, it judges by what
 * it finds afterwards: account and session are locked, in this order, and a locked row is read anew. Only joined, a session
 * that was ended meanwhile would still be seen as it was. A new address is taken under the lock that a registration holds,
 * so that of the two neither draws an id in vain.
 *
 * $1 account, $2 session, $3 now, $4 username, $5 e-mail, $6 its normal form, $7 its lock; null keeps what is there.
 * $8 the client's address, $9 its user agent, $10 the request's id.
 */
const CHANGE = statement<Profile>(
  'account.change',
  `with taken as materialized (
    select case when $7::text is null then true else ${lockSql('$7')} is not null end),
  owner as materialized (
    select a.id, a.username, a.email from account as a, taken where a.id = $1 and a.active for no key update of a),
  live as materialized (
    select owner.* from session as s, owner
     where s.id = $2 and s.account_id = owner.id and s.ended_at is null
       and s.expires_at > coalesce($3::timestamptz, clock_timestamp())
       for share of s),
  changed as (
    update account as a
       set username = coalesce($4::text, a.username), email = coalesce($5::text, a.email),
           email_normal = coalesce($6, a.email_normal)
      from live
     where a.id = live.id
    returning a.id, a.username, a.email, live.username as username_before, live.email as email_before),
  recorded as (
    insert into audit_event (at, name, account_id, session_id, actor, actor_id, actor_session_id,
                             address, user_agent, request_id, details)
    select coalesce($3::timestamptz, clock_timestamp()), 'user.updated', id, $2, 'owner', id, $2, $8, $9, $10,
           jsonb_strip_nulls(jsonb_build_object(
             'username', case when $4 is not null then jsonb_build_object('from', username_before, 'to', username) end,
             'email', case when $5 is not null then jsonb_build_object('from', email_before, 'to', email) end))
      from changed where $4 is not null or $5 is not null)
  select id, username, email from changed`,
)

/**
 * The same for usernames alone, of many accounts at once: what it does not change (a session that has ended, a row that somebody
 * holds) is judged alone, by the statement above. Rows come in the order of the accounts.
 *
 * $1 accounts, $2 sessions, $3 now, $4 usernames, $5 the clients' addresses, $6 their user agents, $7 the requests' ids.
 */
const RENAME = statement<Profile & { place: number }>(
  'account.rename',
  `with given as materialized (
    select * from unnest($1::int[], $2::uuid[], $4::text[], $5::text[], $6::text[], $7::text[]) with ordinality
               as g(account_id, session_id, username, address, user_agent, request_id, place)),
  owner as materialized (
    select given.*, a.username as username_before
      from given join account as a on a.id = given.account_id where a.active for no key update of a),
  live as materialized (
    select owner.* from owner join session as s on s.id = owner.session_id
     where s.account_id = owner.account_id
       and case when s.ended_at is null then s.expires_at end > coalesce($3::timestamptz, clock_timestamp())
       for share of s),
  changed as (
    update account as a set username = live.username from live where a.id = live.account_id
    returning a.id, a.username, a.email, live.place, live.session_id, live.username_before, live.address, live.user_agent,
              live.request_id),
  recorded as (
    insert into audit_event (at, name, account_id, session_id, actor, actor_id, actor_session_id,
                             address, user_agent, request_id, details)
    select coalesce($3::timestamptz, clock_timestamp()), 'user.updated', id, session_id, 'owner', id, session_id,
           address, user_agent, request_id,
           jsonb_build_object('username', jsonb_build_object('from', username_before, 'to', username))
      from changed)
  select place::int, id, username, email from changed`,
)

/** What an owner may change; what is absent stays. */
export interface AccountChange {
  username?: string | undefined
  email?: string | undefined
}

/** A change that is asked for. */
interface Wanted extends AccountChange {
  claims: AccessClaims
  origin: Origin
}

/** Carries out a change; undefined where the session has ended, or the account is disabled or gone. */
export type Change = (wanted: Wanted) => Promise<Profile | undefined>

/** Makes the one way in which owners change their accounts: usernames alone in batches, as they come. */
export function createChange({ db, clock, observer }: Pick<Core, 'db' | 'clock' | 'observer'>): Change {
  const alone = async ({ claims, username, email: typed, origin }: Wanted) => {
    const email = typed === undefined ? undefined : parseEmail(typed)
    return await db
      .one(CHANGE, [
        claims.accountId,
        claims.sessionId,
        clock.sql(),
        username ?? null,
        email?.typed ?? null,
        email?.normal ?? null,
        email === undefined ? null : emailLock(email.normal),
        origin.address,
        origin.userAgent,
        origin.requestId,
      ])
      .catch(emailTaken)
  }
  const together = async (all: Wanted[]) => {
    observer.batch('rename', all.length)
    const inOrder = all.toSorted((one, other) => one.claims.accountId - other.claims.accountId)
    const rows = await db.batches.many(RENAME, [
      inOrder.map(({ claims }) => claims.accountId),
      inOrder.map(({ claims }) => claims.sessionId),
      clock.sql(),
      inOrder.map(({ username = '' }) => username),
      inOrder.map(({ origin }) => origin.address),
      inOrder.map(({ origin }) => origin.userAgent),
      inOrder.map(({ origin }) => origin.requestId),
    ])
    const changed = new Map(rows.map(({ place, ...profile }) => [inOrder[place - 1], profile]))
    return all.map((wanted) => changed.get(wanted))
  }
  const rename = batched({ together, alone, keyOf: ({ claims }) => String(claims.accountId) })
  return (wanted) => (wanted.email === undefined && wanted.username !== undefined ? rename(wanted) : alone(wanted))
}

/**
 * Changes the account that an access token speaks for, if its session still lives.
 *
 * @throws LatchkeyError `invalid_token` when the session has ended or the account is disabled or gone, `invalid_input`,
 * `email_taken`
 */
export async function changeAccount(
  { change, observer }: Core,
  claims: AccessClaims,
  { username, email }: AccountChange,
  origin: Origin = NO_ORIGIN,
): Promise<Profile> {
  const began = performance.now()
  const profile = await change({ claims, username, email, origin })
  observer.answered('change', performance.now() - began)
  if (profile === undefined) throw new LatchkeyError('invalid_token')
  return profile
}
