import { refuseLastAdmin } from '../admins/last-admin.ts'
import { adminTransaction } from '../admins/transaction.ts'
import type { Actor } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { endSessions } from './end-sessions.ts'
import { lockAccount } from './lock-account.ts'

const SET_ACTIVE = statement('account.set-active', 'update account set active = $2 where id = $1')

/**
 * Disables an account: it can neither log in nor refresh, and all its sessions end. One that is disabled stays so.
 *
 * @throws LatchkeyError `not_found`, `last_admin`
 */
export function disableAccount(core: Core, id: number, actor: Actor): Promise<void> {
  return adminTransaction(core, actor, async (transaction) => {
    const { active } = await lockAccount(transaction, id)
    if (!active) return
    await refuseLastAdmin(transaction, id)
    await transaction.many(SET_ACTIVE, [id, false])
    const ended = await endSessions(transaction, core, id, 'account_disabled')
    await record(transaction, core, { name: 'user.disabled', actor, accountId: id, details: { ended } })
  })
}

/**
 * Lets an account log in again. The sessions that have ended stay so.
 *
 * @throws LatchkeyError `not_found`
 */
export function enableAccount(core: Core, id: number, actor: Actor): Promise<void> {
  return adminTransaction(core, actor, async (transaction) => {
    const { active } = await lockAccount(transaction, id)
    if (active) return
    await transaction.many(SET_ACTIVE, [id, true])
    await record(transaction, core, { name: 'user.enabled', actor, accountId: id })
  })
}
