import type { AccessClaims } from '../access-tokens/claims.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import type { Role } from './account.ts'

/** The same lock as that of a login, which waits here or is waited for. */
const LOCK = statement<LockedAccount>(
  'account.lock',
  `select id, email, username, role, active from account where id = $1
      for no key update`,
)

const LOCK_SESSION = statement<{ id: string }>(
  'session.lock-live',
  `select id from session
    where id = $1 and account_id = $2 and ended_at is null
      and expires_at > coalesce($3::timestamptz, clock_timestamp())
      for no key update`,
)

/** What is known of an account that stands still until the transaction ends. */
export interface LockedAccount {
  id: number
  email: string
  username: string
  role: Role
  active: boolean
}

/**
 * Locks an account's row, before anything is done to the account or its sessions.
 *
 * @throws LatchkeyError `not_found`
 */
export async function lockAccount(transaction: Runner, accountId: number): Promise<LockedAccount> {
  const account = await transaction.one(LOCK, [accountId])
  if (account === undefined) throw new LatchkeyError('not_found')
  return account
}

/**
 * Locks the account that an access token speaks for, then the token's session. A statement of its own sees what whoever
 * held the account's lock has done to the session: joined to the first, it would be judged as it was before.
 *
 * @throws LatchkeyError `invalid_token` when the session is over, or the account disabled or gone
 */
export async function lockOwner(
  transaction: Runner,
  { clock }: Core,
  { accountId, sessionId }: AccessClaims,
): Promise<LockedAccount> {
  const account = await transaction.one(LOCK, [accountId])
  const session = await transaction.one(LOCK_SESSION, [sessionId, accountId, clock.sql()])
  if (account?.active !== true || session === undefined) throw new LatchkeyError('invalid_token')
  return account
}
