import { domainToASCII } from 'node:url'
import type { Core } from '../core.ts'
import type { Parameter } from '../database/database.ts'
import { decodeCursor, type Page, PAGE_SIZE_DEFAULT, pageOf, timeKeySql, whereSql } from '../database/page.ts'
import { statement, UNPREPARED } from '../database/statement.ts'
import type { Role } from './account.ts'
import { normalizeEmail } from './email.ts'
import { type AccountView, accountViewSql } from './view.ts'

/** Which accounts, in which order, and how many of them. */
export interface AccountFilter {
  /** An id, the beginning of an e-mail address or a username, or `@` and a domain. */
  search?: string | undefined
  role?: Role | undefined
  state?: 'active' | 'disabled' | undefined
  /** This moment and later. */
  createdFrom?: Date | undefined
  /** Before this moment. */
  createdTo?: Date | undefined
  /** `created` by default: the newest first. */
  sort?: 'created' | 'email' | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

/** A row as it is read, with the keys that a cursor is made of. */
type Row = AccountView & { createdKey: string; emailKey: string }

/** Follows everything that begins in the same way; nothing that is text comes after it. */
const AFTER_ALL = 'chr(1114111)'

/** An index column: byte order, so that "begins with" is one stretch of it, also in a plan for any value. */
const EMAIL = 'email_normal collate "C"'
const USERNAME = 'lower(username) collate "C"'
const DOMAIN = `split_part(email_normal, '@', 2) collate "C"`

const ORDERS = { created: 'created_at desc, id desc', email: EMAIL }

const ROLES = { user: `role = 'user'`, admin: `role = 'admin'` }
const STATES = { active: 'active', disabled: 'not active' }

/**
 * Lists accounts, all or those that fit.
 *
 * @throws LatchkeyError `invalid_input` when the cursor is none of this order
 */
export async function listAccounts(core: Core, filter: AccountFilter): Promise<Page<AccountView>> {
  const { limit = PAGE_SIZE_DEFAULT, sort = 'created' } = filter
  const { list, values } = listStatement(core, filter, limit)
  const keysOf = (row: Row) => (sort === 'email' ? [row.emailKey] : [row.createdKey, row.id])
  const { items, next } = pageOf(await core.db.many(list, values), limit, keysOf)
  return { items: items.map(({ createdKey: _, emailKey: __, ...view }) => view), next }
}

/**
 * One text, and one name, for each set of filters: `$1 is null or …` would be planned for the worst of them. How much a
 * search or a span of time finds is another matter for each: planned for any, a page of 100,000 took up to 104 ms, and
 * 32 ms planned for its values.
 */
export function listStatement({ clock }: Core, filter: AccountFilter, limit: number) {
  const { search, role, state, createdFrom, createdTo, sort = 'created', cursor } = filter
  const values: Parameter[] = [clock.sql(), limit + 1]
  const bind = (value: Parameter) => `$${values.push(value)}`
  const finds = search === undefined ? ['true'] : findsSql(search, bind)
  const filters: [name: string, sql: string][] = []
  if (role !== undefined) filters.push([role, ROLES[role]])
  if (state !== undefined) filters.push([state, STATES[state]])
  if (createdFrom !== undefined) filters.push(['from', `created_at >= ${bind(createdFrom)}::timestamptz`])
  if (createdTo !== undefined) filters.push(['to', `created_at < ${bind(createdTo)}::timestamptz`])
  if (cursor !== undefined) filters.push(['cursor', cursorSql(sort, cursor, bind)])
  const depends = search !== undefined || createdFrom !== undefined || createdTo !== undefined
  const list = statement<Row>(
    depends ? UNPREPARED : [`account.list ${sort}`, ...filters.map(([name]) => name)].join(' '),
    `${accountViewSql(
      pageSql(
        finds.map((find) => [find, ...filters.map(([, sql]) => sql)]),
        ORDERS[sort],
      ),
      `, ${timeKeySql('a.created_at')} as "createdKey", a.email_normal as "emailKey"`,
    )}
      order by ${sort === 'email' ? 'a.email_normal collate "C"' : 'a.created_at desc, a.id desc'}`,
  )
  return { list, values }
}

/**
 * The first rows of what fits one of several sets of conditions: the first of each, then of those. So each takes the
 * index that is best for it. Joined by `or`, all would take one: by e-mail, "user" was sought in a million accounts from
 * the letter A on, because a username might have it, and a page took up to 1.4 s; now 20 ms.
 */
function pageSql(sets: string[][], order: string): string {
  const firsts = sets.map(
    (conditions) =>
      `(select id, email, username, role, active, created_at, password_change_required, email_normal
          from account
         ${whereSql(conditions)}
         order by ${order}
         limit $2)`,
  )
  return `select * from (${firsts.join(' union ')}) as found order by ${order} limit $2`
}

/** What a search may mean: whatever fits one of these is found. */
function findsSql(search: string, bind: (value: Parameter) => string): string[] {
  if (search.startsWith('@')) {
    const domain = search.slice(1)
    return [`${DOMAIN} = ${bind(domainToASCII(domain) || domain.toLowerCase())}`]
  }
  const email = bind(normalizeEmail(search) ?? search.toLowerCase().normalize('NFC').replaceAll('ς', 'σ'))
  const username = `lower(${bind(search)}::text)`
  const begins = [
    `${EMAIL} >= ${email} and ${EMAIL} < ${email} || ${AFTER_ALL}`,
    `${USERNAME} >= ${username} and ${USERNAME} < ${username} || ${AFTER_ALL}`,
  ]
  return /^\d{1,15}$/.test(search) ? [`id = ${bind(Number(search))}::bigint`, ...begins] : begins
}

function cursorSql(sort: 'created' | 'email', cursor: string, bind: (value: Parameter) => string): string {
  if (sort === 'email') {
    const [email = ''] = decodeCursor(cursor, ['string'])
    return `${EMAIL} > ${bind(email)}`
  }
  const [createdAt = '', id = 0] = decodeCursor(cursor, ['time', 'number'])
  return `(created_at, id) < (${bind(createdAt)}::timestamptz, ${bind(id)}::bigint)`
}
