import type { AccessClaims } from '../access-tokens/claims.ts'
import { refuseLastAdmin } from '../admins/last-admin.ts'
import { adminTransaction } from '../admins/transaction.ts'
import { actorOf, type Origin } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { removeAccount, removeSessionsOver } from './delete.ts'
import { lockOwner } from './lock-account.ts'
import { verifyOwner, wrongPassword } from './verify-owner.ts'

const HAS_HASH = statement<{ id: number }>(
  'account.has-hash',
  'select id from account where id = $1 and password_hash = $2',
)

/**
 * Deletes the account that an access token speaks for, with all its sessions.
 *
 * @throws LatchkeyError `invalid_token` when the session is over, `invalid_input` when the password is wrong, `last_admin`,
 * `busy`
 */
export async function deleteOwnAccount(
  core: Core,
  claims: AccessClaims,
  { password }: { password: string },
  origin: Origin,
): Promise<void> {
  const attempt = () => attemptDelete(core, claims, password, origin)
  if (!((await attempt()) || (await attempt()))) throw wrongPassword('password')
}

/** False when hash or role are others meanwhile: perhaps a login only renewed the hash, so it is judged anew. */
async function attemptDelete(core: Core, claims: AccessClaims, password: string, origin: Origin): Promise<boolean> {
  const { accountId } = claims
  const actor = actorOf('owner', claims, origin)
  const { passwordHash, role } = await verifyOwner(core, actor, password, 'password')
  // Refused before anything is gone, and judged again at the end.
  await refuseLastAdmin(core.db, accountId)
  await removeSessionsOver(core, accountId)
  const work = async (transaction: Runner) => {
    const owner = await lockOwner(transaction, core, claims)
    if (owner.role !== role) return false
    if ((await transaction.one(HAS_HASH, [accountId, passwordHash])) === undefined) return false
    await removeAccount(transaction, core, accountId, actor)
    return true
  }
  // The lock of all admins is not for everybody to hold.
  return await (role === 'admin' ? adminTransaction(core, actor, work) : core.db.transaction(work))
}
