import { adminTransaction } from '../admins/transaction.ts'
import type { Actor } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { endSessions } from './end-sessions.ts'
import { lockAccount } from './lock-account.ts'

/**
 * Ends all sessions of an account.
 *
 * @returns how many
 * @throws LatchkeyError `not_found`
 */
export function signOut(core: Core, id: number, actor: Actor): Promise<number> {
  return adminTransaction(core, actor, async (transaction) => {
    await lockAccount(transaction, id)
    const ended = await endSessions(transaction, core, id, 'ended_by_admin')
    await record(transaction, core, { name: 'user.signed_out', actor, accountId: id, details: { ended } })
    return ended
  })
}
