import type { AccessClaims } from '../access-tokens/claims.ts'
import { adminTransaction } from '../admins/transaction.ts'
import { actorOf, type Origin } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { removeAccount } from './delete.ts'
import { lockOwner } from './lock-account.ts'
import { verifyOwner } from './verify-owner.ts'

const HAS_HASH = statement<{ id: number }>(
  'account.has-hash',
  'select id from account where id = $1 and password_hash = $2',
)

/**
 * Deletes the account that an access token speaks for, with all its sessions.
 *
 * @throws LatchkeyError `invalid_token` when the session is over, `invalid_credentials`, `invalid_input`, `last_admin`,
 * `busy`
 */
export async function deleteOwnAccount(
  core: Core,
  claims: AccessClaims,
  { password }: { password: string },
  origin: Origin,
): Promise<void> {
  const attempt = () => attemptDelete(core, claims, password, origin)
  if (!((await attempt()) || (await attempt()))) throw new LatchkeyError('invalid_credentials')
}

/** False when the hash is another one meanwhile: perhaps a login only renewed it, so it is judged anew. */
async function attemptDelete(core: Core, claims: AccessClaims, password: string, origin: Origin): Promise<boolean> {
  const { accountId } = claims
  const { passwordHash } = await verifyOwner(core, claims, password, 'password')
  const actor = actorOf('owner', claims, origin)
  return await adminTransaction(core, actor, async (transaction) => {
    await lockOwner(transaction, core, claims)
    if ((await transaction.one(HAS_HASH, [accountId, passwordHash])) === undefined) return false
    await removeAccount(transaction, core, accountId, actor)
    return true
  })
}
