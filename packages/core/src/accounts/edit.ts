import { refuseLastAdmin } from '../admins/last-admin.ts'
import { adminTransaction } from '../admins/transaction.ts'
import type { Actor } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { lockInTransaction } from '../database/lock.ts'
import { statement } from '../database/statement.ts'
import type { Role } from './account.ts'
import { emailLock, parseEmail } from './email.ts'
import { emailTaken } from './email-taken.ts'
import { endSessions } from './end-sessions.ts'
import { lockAccount } from './lock-account.ts'
import { checkUsername } from './username.ts'
import { type AccountView, viewAccount } from './view.ts'

const EDIT = statement(
  'account.edit',
  `update account set username = coalesce($2, username), email = coalesce($3, email),
          email_normal = coalesce($4, email_normal), role = coalesce($5, role)
    where id = $1`,
)

/** What an admin may change of an account; what is absent stays. */
export interface AccountEdit {
  email?: string | undefined
  username?: string | undefined
  role?: Role | undefined
}

/**
 * Changes an account of anybody. Another role ends all its sessions: no token in the world is more than it says.
 *
 * @throws LatchkeyError `not_found`, `invalid_input`, `email_taken`, `last_admin`
 */
export async function editAccount(core: Core, id: number, edit: AccountEdit, actor: Actor): Promise<AccountView> {
  const { username, role } = edit
  if (username !== undefined) checkUsername(username)
  const email = edit.email === undefined ? undefined : parseEmail(edit.email)
  return await adminTransaction(core, actor, async (transaction) => {
    if (email !== undefined) await lockInTransaction(transaction, emailLock(email.normal))
    const before = await lockAccount(transaction, id)
    const details = changed(before, { username, email: email?.typed })
    const toRole = role === before.role ? undefined : role
    if (toRole === 'user') await refuseLastAdmin(transaction, id)

    const values = [id, username ?? null, email?.typed ?? null, email?.normal ?? null, role ?? null]
    await transaction.many(EDIT, values).catch(emailTaken)
    if (details !== undefined) await record(transaction, core, { name: 'user.updated', actor, accountId: id, details })
    if (toRole !== undefined) {
      const ended = await endSessions(transaction, core, id, 'role_changed')
      const roles = { from: before.role, to: toRole, ended }
      await record(transaction, core, { name: 'user.role.changed', actor, accountId: id, details: roles })
    }
    return await viewAccount(transaction, core, id)
  })
}

/** Each value that is not as it was, from what to what; undefined when all are. */
function changed(
  before: { username: string; email: string },
  { username = before.username, email = before.email }: { username?: string | undefined; email?: string | undefined },
): object | undefined {
  const values = {
    ...(username !== before.username && { username: { from: before.username, to: username } }),
    ...(email !== before.email && { email: { from: before.email, to: email } }),
  }
  return Object.keys(values).length === 0 ? undefined : values
}
