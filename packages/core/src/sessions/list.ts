import type { AccessClaims } from '../access-tokens/claims.ts'
import type { Core } from '../core.ts'
import type { Parameter } from '../database/database.ts'
import { decodeCursor, type Page, PAGE_SIZE_DEFAULT, pageOf, timeKeySql, whereSql } from '../database/page.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import type { EndReason } from './session.ts'

/** A session, as people see it: nothing by which a token could be found or made. */
export interface SessionView {
  id: string
  accountId: number
  email: string
  createdAt: Date
  /** The last rotation, or the login. */
  lastUsedAt: Date
  expiresAt: Date
  /** The absolute end, however often it is refreshed. */
  endsBy: Date
  /** Null while it lives, and where it just ran out. */
  endedAt: Date | null
  endReason: EndReason | null
  address: string | null
  lastAddress: string | null
  userAgent: string | null
  generation: number
  converged: number
  /** In the list of one's own: whether the access token belongs to it. */
  current?: boolean
}

/** Which sessions, and how many of them. */
export interface SessionFilter {
  accountId?: number | undefined
  /**
   * Those that live, that were ended, or that were ended because an old token came back. Those that just ran out are in
   * none of these: no index can know them, since `expires_at` may be in none. Without a state they are listed too.
   */
  state?: 'live' | 'ended' | 'replayed' | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

/** The address as a subselect, so that no plan can begin at accounts. */
const COLUMNS = `s.id, s.account_id as "accountId", (select a.email from account as a where a.id = s.account_id) as email,
  s.created_at as "createdAt", s.rotated_at as "lastUsedAt", s.expires_at as "expiresAt", s.ends_by as "endsBy",
  s.ended_at as "endedAt", s.end_reason as "endReason", s.address, s.last_address as "lastAddress",
  s.user_agent as "userAgent", s.generation, s.converged`

/** @param now the parameter that says when it is; null in it is the database's clock */
const live = (now: string) => `s.ended_at is null and s.expires_at > coalesce(${now}::timestamptz, clock_timestamp())`
/** Each has an index of its own, in the order of the list: a page costs the same where hardly any session is in it. */
const STATES = {
  ended: 's.ended_at is not null',
  replayed: `s.end_reason = 'replayed'`,
}

const OWN = statement<SessionView & { current: boolean }>(
  'session.list-own',
  `select ${COLUMNS}, s.id = $2 as current
     from session as s
    where s.account_id = $1 and ${live('$3')}
    order by s.created_at desc, s.id desc`,
)

/**
 * Lists sessions of everybody or of one account, the newest first.
 *
 * @throws LatchkeyError `invalid_input` when the cursor is none
 */
export async function listSessions(core: Core, filter: SessionFilter): Promise<Page<SessionView>> {
  const { limit = PAGE_SIZE_DEFAULT } = filter
  const { list, values } = listStatement(core, filter, limit)
  const { items, next } = pageOf(await core.db.many(list, values), limit, (row) => [row.createdKey, row.id])
  return { items: items.map(({ createdKey: _, ...view }) => view), next }
}

/** One text, and one name, for each set of filters: `$1 is null or …` would be planned for the worst of them. */
export function listStatement({ clock }: Core, { accountId, state, cursor }: SessionFilter, limit: number) {
  const values: Parameter[] = [limit + 1]
  const bind = (value: Parameter) => `$${values.push(value)}`
  const filters: [name: string, sql: string][] = []
  if (accountId !== undefined) filters.push(['account', `s.account_id = ${bind(accountId)}`])
  if (state === 'live') filters.push([state, live(bind(clock.sql()))])
  else if (state !== undefined) filters.push([state, STATES[state]])
  if (cursor !== undefined) {
    const [createdAt = '', id = ''] = decodeCursor(cursor, ['time', 'uuid'])
    filters.push(['cursor', `(s.created_at, s.id) < (${bind(createdAt)}::timestamptz, ${bind(id)}::uuid)`])
  }
  const list = statement<SessionView & { createdKey: string }>(
    ['session.list', ...filters.map(([name]) => name)].join(' '),
    `select ${COLUMNS}, ${timeKeySql('s.created_at')} as "createdKey"
       from session as s
      ${whereSql(filters.map(([, sql]) => sql))}
      order by s.created_at desc, s.id desc
      limit $1`,
  )
  return { list, values }
}

/**
 * Lists the live sessions of the account that an access token speaks for, and says which is the token's.
 *
 * @throws LatchkeyError `invalid_token` when that one is over
 */
export async function listOwnSessions(core: Core, { accountId, sessionId }: AccessClaims): Promise<SessionView[]> {
  const sessions = await core.db.many(OWN, [accountId, sessionId, core.clock.sql()])
  if (!sessions.some((session) => session.current)) throw new LatchkeyError('invalid_token')
  return sessions
}
