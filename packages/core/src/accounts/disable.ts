import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { endSessions } from './end-sessions.ts'

const SET_ACTIVE = statement<{ id: number }>(
  'account.set-active',
  'update account set active = $2 where id = $1 returning id',
)

/**
 * Disables an account: it can neither log in nor refresh, and all its sessions end.
 *
 * @returns whether there is such an account
 */
export function disableAccount(core: Core, accountId: number): Promise<boolean> {
  return core.db.transaction(async (transaction) => {
    const account = await transaction.one(SET_ACTIVE, [accountId, false])
    await endSessions(transaction, core, accountId, 'account_disabled')
    return account !== undefined
  })
}

/**
 * Lets an account log in again. The sessions that have ended stay so.
 *
 * @returns whether there is such an account
 */
export async function enableAccount(core: Core, accountId: number): Promise<boolean> {
  return (await core.db.one(SET_ACTIVE, [accountId, true])) !== undefined
}
