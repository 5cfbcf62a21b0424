import type { AccessClaims } from '../access-tokens/claims.ts'
import { actorOf, type Origin } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { underName } from '../passwords/field.ts'
import { checkPassword, normalizePassword } from '../passwords/policy.ts'
import { endSessions } from './end-sessions.ts'
import { lockOwner } from './lock-account.ts'
import { verifyOwner, wrongPassword } from './verify-owner.ts'

const CHANGE = statement<{ id: number }>(
  'account.change-password',
  `update account set password_hash = $3, password_change_required = false where id = $1 and password_hash = $2
   returning id`,
)

/** The password that counts, and the one that shall. */
export interface PasswordChange {
  oldPassword: string
  newPassword: string
}

/**
 * Changes the password of the account that an access token speaks for. Every other session ends; this one goes on.
 *
 * @throws LatchkeyError `invalid_token` when the session is over; `invalid_input` when the old password is wrong, the policy
 * refuses the new one, or it is the old one; `busy`
 */
export async function changePassword(
  core: Core,
  claims: AccessClaims,
  change: PasswordChange,
  origin: Origin,
): Promise<void> {
  const attempt = () => attemptChange(core, claims, change, origin)
  if (!((await attempt()) || (await attempt()))) throw wrongPassword('old_password')
}

/** False when the hash is another one meanwhile: perhaps a login only renewed it, so it is judged anew. */
async function attemptChange(
  core: Core,
  claims: AccessClaims,
  { oldPassword, newPassword }: PasswordChange,
  origin: Origin,
): Promise<boolean> {
  const { db, settings, passwords } = core
  const { accountId, sessionId } = claims
  const actor = actorOf('owner', claims, origin)
  const verified = await verifyOwner(core, actor, oldPassword, 'old_password')
  await checkPassword(settings.current(), newPassword, verified.email).catch(underName('new_password'))
  if (normalizePassword(newPassword) === normalizePassword(oldPassword)) throw unchanged()
  const passwordHash = await passwords.hash(newPassword)

  return await db.transaction(async (transaction) => {
    await lockOwner(transaction, core, claims)
    const changed = await transaction.one(CHANGE, [accountId, verified.passwordHash, passwordHash])
    if (changed === undefined) return false
    const ended = await endSessions(transaction, core, accountId, 'password_changed', sessionId)
    await record(transaction, core, { name: 'user.password.changed', actor, accountId, details: { ended } })
    return true
  })
}

function unchanged(): LatchkeyError {
  return new LatchkeyError('invalid_input', {
    fields: [{ path: ['new_password'], code: 'password_unchanged', message: 'This is the password that it was.' }],
  })
}
