import { adminTransaction } from '../admins/transaction.ts'
import type { Actor } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { checkPassword } from '../passwords/policy.ts'
import { endSessions } from './end-sessions.ts'
import { lockAccount } from './lock-account.ts'
import { refuseOwnAccount } from './own-account.ts'

const FIND = statement<{ email: string }>('account.find-email', 'select email from account where id = $1')

const SET_PASSWORD = statement('account.set-password', 'update account set password_hash = $2 where id = $1')

/**
 * Gives an account a new password and ends all its sessions: whoever knew the old one is out.
 *
 * @throws LatchkeyError `not_found`, `invalid_input` when the policy refuses it, `busy`
 */
export async function setPassword(core: Core, id: number, password: string, actor: Actor): Promise<void> {
  refuseOwnAccount(actor, id, 'POST /api/me/password/')
  const { db, settings, passwords } = core
  const found = await db.one(FIND, [id])
  if (found === undefined) throw new LatchkeyError('not_found')
  await checkPassword(settings.current(), password, found.email)
  const passwordHash = await passwords.hash(password)
  await adminTransaction(core, actor, async (transaction) => {
    await lockAccount(transaction, id)
    await transaction.many(SET_PASSWORD, [id, passwordHash])
    const ended = await endSessions(transaction, core, id, 'password_changed')
    await record(transaction, core, { name: 'user.password.set', actor, accountId: id, details: { ended } })
  })
}
