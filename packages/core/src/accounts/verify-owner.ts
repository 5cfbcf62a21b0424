import type { Actor } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { underName } from '../passwords/field.ts'
import type { Role } from './account.ts'

const FIND = statement<Verified>(
  'account.find-by-session',
  `select a.email, a.password_hash as "passwordHash", a.role
     from session as s join account as a on a.id = s.account_id
    where s.id = $1 and a.id = $2 and a.active and s.ended_at is null
      and s.expires_at > coalesce($3::timestamptz, clock_timestamp())`,
)

/** What the password of an owner was checked against. */
interface Verified {
  email: string
  passwordHash: string
  role: Role
}

/**
 * Checks the password of whoever holds an access token: the token may be stolen, so who guesses is told of in the audit,
 * and may not do so without end.
 * Hashing takes a while: what is done then has to check in its transaction that session and hash are still the same.
 *
 * @param field under which the caller knows the password
 * @throws LatchkeyError `invalid_token`, `invalid_input` also when the password is wrong, `too_many_requests`, `busy`
 */
export async function verifyOwner(core: Core, owner: Actor, password: string, field: string): Promise<Verified> {
  const { db, passwords, clock, counters, limits } = core
  const { accountId, sessionId } = owner
  const found = await db.one(FIND, [sessionId, accountId, clock.sql()])
  if (found === undefined || sessionId === null) throw new LatchkeyError('invalid_token')
  const points = await limits.password(sessionId)
  const checked = await passwords.verify(password, found.passwordHash).catch(async (error: unknown) => {
    await limits.giveBack(points)
    return underName(field)(error)
  })
  if (checked.matches) {
    await limits.giveBack(points)
    return found
  }
  counters.count('logins_failed')
  const details = { reason: 'old_password' }
  await record(db, core, { name: 'user.login.failed', actor: owner, accountId, sessionId, details })
  throw wrongPassword(field)
}

/** Not a 401: the access token is good, and clients that get a 401 refresh and try again. */
export function wrongPassword(field: string): LatchkeyError {
  return new LatchkeyError('invalid_input', {
    fields: [{ path: [field], code: 'password_wrong', message: 'The password is wrong.' }],
  })
}
