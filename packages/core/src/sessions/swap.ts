import type { AccessTokenSubject } from '../access-tokens/issue.ts'
import type { Origin } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { batched } from '../database/batch.ts'
import { statement } from '../database/statement.ts'
import { NONCE_BYTES, type RefreshToken } from './token.ts'

/** A token that is presented, and what it would be exchanged for. */
export interface Exchange {
  parent: RefreshToken
  successor: RefreshToken
  /** What made the successor of the parent. */
  salt: Buffer
  /** What came with the parent, by which it may be known again. */
  retryKey: string | undefined
  origin: Origin
}

/**
 * How long the key that a rotation was asked for with may fetch the successor again: an outage of some minutes, or a phone
 * that loses its network in the moment of a refresh. No setting: a client has to know it, and it is the time in which
 * somebody who has stolen a token and its key is not noticed.
 */
export const RETRY_SECONDS = 300

/** How a statement knows session and token: under one root secret, or under either of two. */
interface Matching {
  /** Finds the row. */
  selector: string
  /** Whether a MAC is that of the presented token. */
  is: (column: string) => string
  /** Whether the salt ends with the MAC of the retry key that came. */
  keyIs: string
  /** What else a rotation sets. */
  moves: string
}

/** Behind the random half of a salt. */
const endOf = (salt: string) => `substr(${salt}, ${NONCE_BYTES + 1})`

/**
 * Rotates, converges or ends one session, in one statement and one row changed in place: the whole judgement.
 *
 * It matches on the selector alone and decides by CASE on the newest version of the row, so that racers wait for each
 * other and then judge what they find: one rotates, all others converge. (Matching on the token, else looking the
 * session up, judges racers by a stale snapshot: wrong for 793 of 1,050.)
 *
 * $1 selector's mac, $2 presented token's mac, $3 successor's mac, $4 salt, $5 grace in seconds, $6 refresh lifetime in
 * seconds, $7 now, or null for the database's clock, $8 the client's address, $9 its user agent, $10 the request's id.
 */
function judging({ selector, is, keyIs, moves }: Matching): string {
  const within = (column: string) => `${column} > t.now - make_interval(secs => $5)`
  const current = is('s.token_mac')
  // A parent that comes again: within the grace, or with the retry key of its rotation.
  const again = `coalesce(${is('s.parent_mac')}, false)
                 and (${within('s.rotated_at')}
                      or ${keyIs} and s.rotated_at > t.now - interval '${RETRY_SECONDS} seconds')`
  // What a token that is not replayed is. To a row that came out of a backup any token may be a newer one that the backup
  // had not seen: it is refused, no more.
  const honest = `(${current} or s.restored or ${again}
                   or ${is('s.grandparent_mac')} and ${within('s.parent_rotated_at')})`
  return `
  with swapped as (
    update session as s set
      token_mac         = case when ${current} then $3 else s.token_mac end,
      parent_mac        = case when ${current} then $2 else s.parent_mac end,
      grandparent_mac   = case when ${current} then s.parent_mac else s.grandparent_mac end,
      successor_salt    = case when ${current} then $4 else s.successor_salt end,
      parent_rotated_at = case when ${current} then s.rotated_at else s.parent_rotated_at end,
      rotated_at        = case when ${current} then t.now else s.rotated_at end,
      expires_at        = case when ${current} then least(t.now + make_interval(secs => $6), s.ends_by)
                               else s.expires_at end,
      generation        = s.generation + (${current})::int,
      converged         = s.converged + (not ${current} and ${again})::int,
      ended_at          = case when ${honest} then null else t.now end,
      end_reason        = case when ${honest} then null else 'replayed' end,
      last_address      = case when ${current} then coalesce($8::text, s.last_address) else s.last_address end,
      restored          = s.restored and not ${current}${moves}
     from account as a, (select coalesce($7::timestamptz, clock_timestamp()) as now) as t
    where ${selector} and s.ended_at is null and s.expires_at > t.now and a.id = s.account_id and a.active
    returning case when s.token_mac = $3 then 'rotated' when s.ended_at is not null then 'replayed'
                   when ${is('s.parent_mac')} and not s.restored then 'converged' else 'late' end as outcome,
              s.id, s.key_id, s.token_mac, s.successor_salt, a.id as account_id, a.username, t.now),
  recorded as (
    insert into audit_event (at, name, account_id, session_id, actor, address, user_agent, request_id)
    select now, 'session.replayed', account_id, id, 'anyone', $8::text, $9::text, $10::text
      from swapped where outcome = 'replayed')
  select outcome, id as "sessionId", account_id as "accountId", username, now,
         case outcome when 'converged' then key_id end as "keyId",
         case outcome when 'converged' then token_mac end as "tokenMac",
         case outcome when 'converged' then successor_salt end as "successorSalt"
    from swapped`
}

const SWAP = statement<Swapped>(
  'session.swap',
  judging({
    selector: 's.selector_mac = $1',
    is: (column) => `(${column} = $2)`,
    keyIs: `${endOf('s.successor_salt')} = ${endOf('$4')}`,
    moves: '',
  }),
)

/**
 * The same while there are two root secrets. A rotation moves the row to the one in force, which $1 to $4 are under, once in
 * the life of a session. A token is known under either: the grandparent's MAC stays what it was.
 *
 * One statement again, and not one for each secret: what another instance moves meanwhile would be found by neither.
 *
 * $11 selector's mac, $12 presented token's mac, $13 a salt, all under the other secret; $14 names the secret in force.
 */
const SWAP_EITHER = statement<Swapped>(
  'session.swap-either',
  judging({
    selector: 's.selector_mac in ($1, $11)',
    is: (column) => `(${column} in ($2, $12))`,
    keyIs: `${endOf('s.successor_salt')} in (${endOf('$4')}, ${endOf('$13::bytea')})`,
    moves: `,
      selector_mac      = case when s.token_mac in ($2, $12) then $1 else s.selector_mac end,
      key_id            = case when s.token_mac in ($2, $12) then $14 else s.key_id end`,
  }),
)

/** What a refresh found, and made of it. */
export type Swapped = AccessTokenSubject &
  (
    | { outcome: 'rotated' | 'late' | 'replayed'; keyId: null; tokenMac: null; successorSalt: null }
    | ({ outcome: 'converged' } & Converged)
  )

/** What the successor can be made again from, for who has its parent. */
export interface Converged {
  /** Names the root secret under which it was made. */
  keyId: number
  /** Its MAC. */
  tokenMac: Buffer
  successorSalt: Buffer
}

/**
 * Rotates many sessions at once, each by its current token. That is nearly every refresh; whatever is not rotated here
 * (a parent that comes again, an old token, an unknown one, a row that changed meanwhile) is judged alone, by the statement above.
 *
 * The rows come in the order of their selectors, so that two batches of two instances never wait for each other in a ring.
 * That a session lives is asked in a way that no index answers: by a partial one a young table would be read whole.
 *
 * $1 selectors' macs, $2 presented tokens' macs, $3 successors' macs, $4 salts, $5 the clients' addresses, $6 refresh
 * lifetime in seconds, $7 now, or null for the database's clock.
 */
const ROTATE = statement<AccessTokenSubject & { place: number }>(
  'session.rotate',
  `update session as s set
      token_mac = g.successor_mac, parent_mac = s.token_mac, grandparent_mac = s.parent_mac, successor_salt = g.salt,
      parent_rotated_at = s.rotated_at, rotated_at = t.now,
      expires_at = least(t.now + make_interval(secs => $6), s.ends_by), generation = s.generation + 1,
      last_address = coalesce(g.address, s.last_address), restored = false
     from unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::text[]) with ordinality
            as g(selector_mac, mac, successor_mac, salt, address, place),
          account as a, (select coalesce($7::timestamptz, clock_timestamp()) as now) as t
    where s.selector_mac = g.selector_mac and s.token_mac = g.mac
      and case when s.ended_at is null then s.expires_at end > t.now and a.id = s.account_id and a.active
    returning g.place::int, s.id as "sessionId", a.id as "accountId", a.username, t.now`,
)

/** Judges a token against the row of its session; undefined where there is no such live session. */
export type Swap = (exchange: Exchange) => Promise<Swapped | undefined>

/** Makes the one way to change sessions by their tokens: in batches, as they come. */
export function createSwap({
  db,
  settings,
  clock,
  observer,
}: Pick<Core, 'db' | 'settings' | 'clock' | 'observer'>): Swap {
  const lifetime = () => settings.current().REFRESH_TOKEN_LIFETIME

  const alone = ({ parent, successor, salt, retryKey, origin }: Exchange) => {
    const values = [
      parent.selectorMac,
      parent.mac,
      successor.mac,
      salt,
      settings.graceSeconds(),
      lifetime(),
      clock.sql(),
      origin.address,
      origin.userAgent,
      origin.requestId,
    ]
    const other = parent.other()
    if (other === undefined) return db.one(SWAP, values)
    return db.one(SWAP_EITHER, [...values, other.selectorMac, other.mac, other.salt(retryKey), parent.keyId])
  }

  const together = async (exchanges: Exchange[]) => {
    observer.batch('refresh', exchanges.length)
    const inOrder = exchanges.toSorted((a, b) => a.parent.selectorMac.compare(b.parent.selectorMac))
    const rows = await db.batches.many(ROTATE, [
      inOrder.map(({ parent }) => parent.selectorMac),
      inOrder.map(({ parent }) => parent.mac),
      inOrder.map(({ successor }) => successor.mac),
      inOrder.map(({ salt }) => salt),
      inOrder.map(({ origin }) => origin.address),
      lifetime(),
      clock.sql(),
    ])
    const rotated = new Map(rows.map(({ place, ...subject }) => [inOrder[place - 1], asRotated(subject)]))
    return exchanges.map((exchange) => rotated.get(exchange))
  }

  return batched({ together, alone, keyOf: ({ parent }) => parent.selectorMac.toString('latin1') })
}

function asRotated(subject: AccessTokenSubject): Swapped {
  return { ...subject, outcome: 'rotated', keyId: null, tokenMac: null, successorSalt: null }
}
