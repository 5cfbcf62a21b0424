import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'

/** An account that may do everything, and the session by which it does. */
export interface Admin {
  accountId: number
  sessionId: string
  /** As it was typed. */
  email: string
}

const AUTHORIZE = statement<{ email: string; isAdmin: boolean; passwordChangeRequired: boolean }>(
  'admin.authorize',
  `select a.email, a.role = 'admin' as "isAdmin", a.password_change_required as "passwordChangeRequired"
     from session as s join account as a on a.id = s.account_id
    where s.id = $1 and a.id = $2 and a.active and s.ended_at is null
      and s.expires_at > coalesce($3::timestamptz, clock_timestamp())`,
)

/**
 * Sees to it that an admin asks: by the session and the account as they are in the database now, whatever the access
 * token said when it was issued. One statement.
 *
 * @throws LatchkeyError `invalid_token` when the session is over, or the account disabled or gone; `admin_required`,
 * `password_change_required`
 */
export async function requireAdmin(
  runner: Runner,
  { clock }: Core,
  { accountId, sessionId }: { accountId: number; sessionId: string },
): Promise<Admin> {
  const found = await runner.one(AUTHORIZE, [sessionId, accountId, clock.sql()])
  if (found === undefined) throw new LatchkeyError('invalid_token')
  if (!found.isAdmin) throw new LatchkeyError('admin_required')
  if (found.passwordChangeRequired) throw new LatchkeyError('password_change_required')
  return { accountId, sessionId, email: found.email }
}
