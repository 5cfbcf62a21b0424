import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import type { Role } from './account.ts'

/** An account, as admins see it. */
export interface AccountView {
  id: number
  /** As it was typed. */
  email: string
  /** Empty until it is set. */
  username: string
  role: Role
  active: boolean
  createdAt: Date
  passwordChangeRequired: boolean
  liveSessions: number
  /** The last login or refresh of a session that is still known. */
  lastSeenAt: Date | null
}

/** Of sessions that have ended an account may have any number; the newest ones tell well enough when it was seen. */
const NEWEST_SESSIONS = 10

/**
 * SQL that gives the rows of `from` (a select of accounts, at most one page) as {@link AccountView}, in no order. $1 is
 * now.
 *
 * @param more further columns of `from`, with a comma before each
 */
export const accountViewSql = (from: string, more = ''): string => `
  select a.id, a.email, a.username, a.role, a.active, a.created_at as "createdAt",
         a.password_change_required as "passwordChangeRequired", open.live as "liveSessions",
         greatest(open.at, newest.at) as "lastSeenAt"${more}
    from (${from}) as a,
         lateral (select count(*) filter (where s.expires_at > coalesce($1::timestamptz, clock_timestamp())) as live,
                         max(s.rotated_at) as at
                    from session as s where s.account_id = a.id and s.ended_at is null) as open,
         lateral (select max(s.rotated_at) as at
                    from (select rotated_at from session where account_id = a.id
                           order by created_at desc, id desc limit ${NEWEST_SESSIONS}) as s) as newest`

const VIEW = statement<AccountView>('account.view', accountViewSql('select * from account where id = $2'))

/**
 * Reads an account, also in the transaction that has changed it.
 *
 * @throws LatchkeyError `not_found`
 */
export async function viewAccount(runner: Runner, { clock }: Core, id: number): Promise<AccountView> {
  const view = await runner.one(VIEW, [clock.sql(), id])
  if (view === undefined) throw new LatchkeyError('not_found')
  return view
}
