import { refuseLastAdmin } from '../admins/last-admin.ts'
import { adminTransaction } from '../admins/transaction.ts'
import type { Actor } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { lockAccount } from './lock-account.ts'

/** Its sessions go with it. */
const DELETE = statement('account.delete', 'delete from account where id = $1')

/**
 * Deletes an account for good, with its sessions. Its id is never given again; what the audit says of it stays.
 *
 * @throws LatchkeyError `not_found`, `last_admin`
 */
export function deleteAccount(core: Core, id: number, actor: Actor): Promise<void> {
  return adminTransaction(core, actor, async (transaction) => {
    await lockAccount(transaction, id)
    await removeAccount(transaction, core, id, actor)
  })
}

/**
 * Removes an account whose row is locked, in an `adminTransaction`.
 *
 * @throws LatchkeyError `last_admin`
 */
export async function removeAccount(transaction: Runner, core: Core, id: number, actor: Actor): Promise<void> {
  await refuseLastAdmin(transaction, id)
  await transaction.many(DELETE, [id])
  await record(transaction, core, { name: 'user.deleted', actor, accountId: id })
}
