import type { Core } from '../core.ts'
import type { Parameter } from '../database/database.ts'
import {
  type CursorKind,
  decodeCursor,
  PAGE_SIZE_DEFAULT,
  PAGE_SIZE_MAX,
  type Page,
  pageOf,
  timeKeySql,
  whereSql,
} from '../database/page.ts'
import { type Statement, statement, UNPREPARED } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { normalAddress } from './address.ts'
import type { AuditEventName } from './events.ts'
import type { ActorKind } from './origin.ts'

/** One event, with the addresses that the accounts in it have now. */
export interface AuditEventView {
  id: number
  at: Date
  name: AuditEventName
  /** Whom it concerns. */
  accountId: number | null
  /** Null when there is none, or no longer. */
  email: string | null
  sessionId: string | null
  actor: ActorKind
  /** Who did it, where it was an account. */
  actorId: number | null
  actorEmail: string | null
  address: string | null
  userAgent: string | null
  requestId: string | null
  details: unknown
}

/** Which events to list: those that fit everything that is given. */
export interface AuditFilter {
  name?: AuditEventName | undefined
  accountId?: number | undefined
  /** The admin who did it. */
  actorId?: number | undefined
  /** In any way of writing it. */
  address?: string | undefined
  /** The first moment. */
  from?: Date | undefined
  /** The moment after the last one. */
  to?: Date | undefined
  /** What comes first; the newest by default. */
  order?: 'newest' | 'oldest' | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

type Row = AuditEventView & { atKey: string }

const CURSOR: CursorKind[] = ['time', 'number']

const COLUMNS = 'id, at, name, account_id, session_id, actor, actor_id, address, user_agent, request_id, details'

/** What is shown of the events `e`; their accounts are looked up for the rows of one page only. */
const VIEW = `
  select e.id, e.at, ${timeKeySql('e.at')} as "atKey", e.name, e.account_id as "accountId", a.email,
         e.session_id as "sessionId", e.actor, e.actor_id as "actorId", b.email as "actorEmail", e.address,
         e.user_agent as "userAgent", e.request_id as "requestId", e.details`

const ACCOUNTS = 'left join account as a on a.id = e.account_id left join account as b on b.id = e.actor_id'

/** How each filter reads in SQL. That of an actor names the kind, as its index does. */
const CONDITIONS = {
  name: (value: string) => `name = ${value}`,
  accountId: (value: string) => `account_id = ${value}`,
  actorId: (value: string) => `actor = 'admin' and actor_id = ${value}`,
  address: (value: string) => `address = ${value}`,
  from: (value: string) => `at >= ${value}`,
  to: (value: string) => `at < ${value}`,
}

/** A statement and what to bind to it. */
interface Composed {
  statement: Statement<Row>
  values: Parameter[]
}

/**
 * The statement of a list: a text for each set of filters, because one text with `$1 is null or …` could use no index.
 *
 * It is planned for its values each time, which takes half a millisecond. Prepared, it would soon be planned for any values,
 * and an event that is rare be looked for among all those of its time: 65 ms in a million, and more in more.
 *
 * The page is cut twice: inside by a constant, so that a page of any size is planned to walk an index and not to sort,
 * outside by what was asked for, at which it stops. The time in the cursor is said twice too: by its bare column the months
 * that cannot have the page are left out.
 *
 * @throws LatchkeyError `invalid_input` for a cursor that is none
 */
export function composeList(filter: AuditFilter): Composed {
  const { order = 'newest', limit = PAGE_SIZE_DEFAULT, cursor } = filter
  const [sort, is] = order === 'newest' ? ['desc', '<'] : ['asc', '>']
  const values: Parameter[] = []
  const bind = (value: Parameter) => `$${values.push(value)}`
  const limitBound = bind(limit + 1)

  const given = { ...filter, address: filter.address && (normalAddress(filter.address) ?? filter.address) }
  const names = (Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[]).filter((each) => given[each] !== undefined)
  const conditions = names.map((each) => CONDITIONS[each](bind(given[each] ?? null)))
  if (cursor !== undefined) {
    const [at = null, id = null] = decodeCursor(cursor, CURSOR)
    const [atBound, idBound] = [`${bind(at)}::timestamptz`, `${bind(id)}::bigint`]
    conditions.push(`at ${is}= ${atBound} and (at, id) ${is} (${atBound}, ${idBound})`)
  }
  return {
    statement: statement(
      UNPREPARED,
      `${VIEW}
  from (select ${COLUMNS} from audit_event ${whereSql(conditions)}
         order by at ${sort}, id ${sort} limit ${PAGE_SIZE_MAX + 1}) as e ${ACCOUNTS}
 order by e.at ${sort}, e.id ${sort} limit ${limitBound}`,
    ),
    values,
  }
}

/**
 * Audit events that fit a filter, the newest first unless it says otherwise.
 *
 * @throws LatchkeyError `invalid_input` for a cursor that is none
 */
export async function listAuditEvents({ db }: Core, filter: AuditFilter = {}): Promise<Page<AuditEventView>> {
  const { statement: list, values } = composeList(filter)
  const rows = await db.many(list, values)
  const page = pageOf(rows, filter.limit ?? PAGE_SIZE_DEFAULT, ({ atKey, id }) => [atKey, id])
  return { ...page, items: page.items.map(viewOf) }
}

const SHOW = statement<Row>('audit.show', `${VIEW} from audit_event as e ${ACCOUNTS} where e.id = $1`)

/**
 * One audit event.
 *
 * @throws LatchkeyError `not_found`, also when it was pruned
 */
export async function showAuditEvent({ db }: Core, id: number): Promise<AuditEventView> {
  const row = await db.one(SHOW, [id])
  if (row === undefined) throw new LatchkeyError('not_found')
  return viewOf(row)
}

const viewOf = ({ atKey: _, ...view }: Row): AuditEventView => view
