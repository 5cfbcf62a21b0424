import type { Actor } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'

/** The account and the session of an admin. */
export interface AdminIds {
  accountId: number
  sessionId: string
}

/** An account that may do everything, and the session by which it does. */
export interface Admin extends AdminIds {
  /** As it was typed. */
  email: string
}

interface Found {
  email: string
  isAdmin: boolean
  passwordChangeRequired: boolean
}

const AUTHORIZE = statement<Found>(
  'admin.authorize',
  `select a.email, a.role = 'admin' as "isAdmin", a.password_change_required as "passwordChangeRequired"
     from session as s join account as a on a.id = s.account_id
    where s.id = $1 and a.id = $2 and a.active and s.ended_at is null
      and s.expires_at > coalesce($3::timestamptz, clock_timestamp())`,
)

/** The same, and account and session stay as they are until the transaction ends. A locked row is read anew. */
const HOLD = statement<Found>(
  'admin.hold',
  `with held as materialized (
    select id, email, role, password_change_required from account where id = $2 and active for share)
   select held.email, held.role = 'admin' as "isAdmin", held.password_change_required as "passwordChangeRequired"
     from session as s, held
    where s.id = $1 and s.account_id = held.id and s.ended_at is null
      and s.expires_at > coalesce($3::timestamptz, clock_timestamp())
      for share of s`,
)

/**
 * Sees to it that an admin asks: by the session and the account as they are in the database now, whatever the access
 * token said when it was issued. One statement.
 *
 * @throws LatchkeyError `invalid_token` when the session is over, or the account disabled or gone; `admin_required`,
 * `password_change_required`
 */
export async function requireAdmin(runner: Runner, { clock }: Core, by: AdminIds): Promise<Admin> {
  return judged(by, await runner.one(AUTHORIZE, [by.sessionId, by.accountId, clock.sql()]))
}

/**
 * As {@link requireAdmin}, in the transaction of a change: until it has committed nobody can take the right to it away, by
 * a demotion or a logout. Whoever waits for a lock calls it after that.
 *
 * @throws LatchkeyError what {@link requireAdmin} throws, also for an actor without a session
 */
export async function holdAdmin(
  transaction: Runner,
  { clock }: Core,
  { accountId, sessionId }: Pick<Actor, 'accountId' | 'sessionId'>,
): Promise<Admin> {
  if (accountId === null || sessionId === null) throw new LatchkeyError('invalid_token')
  return judged({ accountId, sessionId }, await transaction.one(HOLD, [sessionId, accountId, clock.sql()]))
}

function judged({ accountId, sessionId }: AdminIds, found: Found | undefined): Admin {
  if (found === undefined) throw new LatchkeyError('invalid_token')
  if (!found.isAdmin) throw new LatchkeyError('admin_required')
  if (found.passwordChangeRequired) throw new LatchkeyError('password_change_required')
  return { accountId, sessionId, email: found.email }
}
