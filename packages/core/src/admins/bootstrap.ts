import { parseEmail } from '../accounts/email.ts'
import { insertAccount, refuseTaken } from '../accounts/insert.ts'
import { SYSTEM } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { LatchkeyError } from '../errors.ts'
import { checkPassword } from '../passwords/policy.ts'
import { adminExists } from './last-admin.ts'
import { adminTransaction } from './transaction.ts'

/**
 * Makes the first admin with a password from the environment, who has to change it before anything else. A later start
 * finds an admin and does nothing, whatever the environment still says.
 *
 * @throws LatchkeyError `invalid_input` when it is no address, or the policy refuses the password; `busy`
 */
export async function bootstrapAdmin(
  core: Core,
  input: { email: string; password: string },
): Promise<'created' | 'admin_exists' | 'email_taken'> {
  const { db, settings, passwords } = core
  if (await adminExists(db)) return 'admin_exists'
  const email = parseEmail(input.email)
  await checkPassword(settings.current(), input.password, email.typed)
  try {
    await refuseTaken(core, email)
    const passwordHash = await passwords.hash(input.password)
    return await adminTransaction(core, SYSTEM, async (transaction) => {
      // Of instances that start at once the first makes it.
      if (await adminExists(transaction)) return 'admin_exists'
      const account = { email, passwordHash, username: '', role: 'admin', passwordChangeRequired: true } as const
      const accountId = await insertAccount(transaction, core, account)
      const details = { role: 'admin', by: 'environment' }
      await record(transaction, core, { name: 'user.created', actor: SYSTEM, accountId, details })
      return 'created'
    })
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'email_taken') return 'email_taken'
    throw error
  }
}
