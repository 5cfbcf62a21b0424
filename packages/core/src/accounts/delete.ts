import { refuseLastAdmin } from '../admins/last-admin.ts'
import { adminTransaction } from '../admins/transaction.ts'
import type { Actor } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { lockAccount } from './lock-account.ts'
import { refuseOwnAccount } from './own-account.ts'

/** Its sessions go with it. */
const DELETE = statement('account.delete', 'delete from account where id = $1')

/** Rows in one batch: milliseconds. */
const BATCH = 5000

const DELETE_ENDED = statement<{ deleted: number }>(
  'session.delete-ended',
  `with gone as (
    delete from session where id in (
      select id from session where account_id = $1 and ended_at is not null limit ${BATCH})
    returning 1)
   select count(*) as deleted from gone`,
)

/**
 * Deletes an account for good, with its sessions. Its id is never given again; what the audit says of it stays.
 *
 * @throws LatchkeyError `not_found`, `last_admin`; `invalid_input` for an admin's own account
 */
export async function deleteAccount(core: Core, id: number, actor: Actor): Promise<void> {
  refuseOwnAccount(actor, id, 'POST /api/me/delete/')
  // Refused before anything is gone, and judged again at the end.
  await adminTransaction(core, actor, async (transaction) => {
    await lockAccount(transaction, id)
    await refuseLastAdmin(transaction, id)
  })
  await removeEndedSessions(core, id)
  await adminTransaction(core, actor, async (transaction) => {
    await lockAccount(transaction, id)
    await removeAccount(transaction, core, id, actor)
  })
}

/**
 * Removes the rows of sessions that have ended, before their account is deleted under a lock that others wait for: an
 * account may have any number of them, and of live ones only a few.
 */
export async function removeEndedSessions({ db }: Core, accountId: number): Promise<void> {
  for (;;) {
    const batch = await db.one(DELETE_ENDED, [accountId])
    if ((batch?.deleted ?? 0) < BATCH) return
  }
}

/**
 * Removes an account whose row is locked, in an `adminTransaction`; where it is no admin, any transaction will do.
 *
 * @throws LatchkeyError `last_admin`
 */
export async function removeAccount(transaction: Runner, core: Core, id: number, actor: Actor): Promise<void> {
  await refuseLastAdmin(transaction, id)
  await transaction.many(DELETE, [id])
  await record(transaction, core, { name: 'user.deleted', actor, accountId: id })
}
