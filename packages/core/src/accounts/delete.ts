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

/** Passes over what another one deletes: it neither waits for that nor meets it in another order (a deadlock). */
const DELETE_OVER = statement<{ deleted: number }>(
  'session.delete-over',
  `with gone as (
    delete from session where id in (
      select id from session
       where account_id = $1 and (ended_at is not null or expires_at <= coalesce($2::timestamptz, clock_timestamp()))
       limit ${BATCH} for update skip locked)
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
  await removeSessionsOver(core, id)
  await adminTransaction(core, actor, async (transaction) => {
    await lockAccount(transaction, id)
    await removeAccount(transaction, core, id, actor)
  })
}

/**
 * Removes the rows of sessions that are over, in batches, before their account is deleted under a lock that others wait
 * for: an account may have any number of them, and of live ones only a few. After a crash in between the account is as it
 * was, and can be deleted again.
 */
export async function removeSessionsOver({ db, clock }: Core, accountId: number): Promise<void> {
  let deleted: number
  do deleted = (await db.one(DELETE_OVER, [accountId, clock.sql()]))?.deleted ?? 0
  while (deleted > 0)
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
