import { adminTransaction } from '../admins/transaction.ts'
import type { Actor } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { checkPassword } from '../passwords/policy.ts'
import type { Role } from './account.ts'
import { parseEmail } from './email.ts'
import { insertAccount, refuseTaken } from './insert.ts'
import { checkUsername } from './username.ts'
import { type AccountView, viewAccount } from './view.ts'

/** What an account is made from. */
export interface AccountInput {
  email: string
  password: string
  username?: string | undefined
  /** `user` by default. */
  role?: Role | undefined
}

/**
 * Makes an account for somebody, also while registration is closed.
 *
 * @throws LatchkeyError `invalid_input`, `email_taken`, `busy`
 */
export async function createAccount(core: Core, input: AccountInput, actor: Actor): Promise<AccountView> {
  const { username = '', role = 'user' } = input
  checkUsername(username)
  const email = parseEmail(input.email)
  await checkPassword(core.settings.current(), input.password, email.typed)
  await refuseTaken(core, email)
  const passwordHash = await core.passwords.hash(input.password)
  return await adminTransaction(core, actor, async (transaction) => {
    const account = { email, passwordHash, username, role, passwordChangeRequired: false }
    const accountId = await insertAccount(transaction, core, account)
    await record(transaction, core, { name: 'user.created', actor, accountId, details: { role } })
    return await viewAccount(transaction, core, accountId)
  })
}
