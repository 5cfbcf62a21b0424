import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { checkPassword } from '../passwords/policy.ts'
import { endSessions } from './end-sessions.ts'

const FIND = statement<{ email: string }>('account.find-email', 'select email from account where id = $1')

const SET_PASSWORD = statement<{ id: number }>(
  'account.set-password',
  'update account set password_hash = $2 where id = $1 returning id',
)

/**
 * Gives an account a new password and ends all its sessions: whoever knew the old one is out.
 *
 * @returns whether there is such an account
 * @throws LatchkeyError `invalid_input` when the policy refuses it, `busy`
 */
export async function setPassword(core: Core, accountId: number, password: string): Promise<boolean> {
  const { db, settings, passwords } = core
  const found = await db.one(FIND, [accountId])
  if (found === undefined) return false
  await checkPassword(settings.current(), password, found.email)
  const passwordHash = await passwords.hash(password)
  return db.transaction(async (transaction) => {
    const account = await transaction.one(SET_PASSWORD, [accountId, passwordHash])
    await endSessions(transaction, core, accountId, 'password_changed')
    return account !== undefined
  })
}
