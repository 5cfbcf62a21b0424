import type { AccessClaims } from '../access-tokens/claims.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { underName } from '../passwords/field.ts'

const FIND = statement<Verified>(
  'account.find-by-session',
  `select a.email, a.password_hash as "passwordHash"
     from session as s join account as a on a.id = s.account_id
    where s.id = $1 and a.id = $2 and a.active and s.ended_at is null
      and s.expires_at > coalesce($3::timestamptz, clock_timestamp())`,
)

/** What the password of an owner was checked against. */
interface Verified {
  email: string
  passwordHash: string
}

/**
 * Checks the password of whoever holds an access token: the token may be stolen. Hashing takes a while, so what is done
 * then has to check in its transaction that session and hash are still the same.
 *
 * @param field under which the caller knows the password
 * @throws LatchkeyError `invalid_token`, `invalid_credentials`, `invalid_input`, `busy`
 */
export async function verifyOwner(
  { db, passwords, clock }: Core,
  { accountId, sessionId }: AccessClaims,
  password: string,
  field: string,
): Promise<Verified> {
  const found = await db.one(FIND, [sessionId, accountId, clock.sql()])
  if (found === undefined) throw new LatchkeyError('invalid_token')
  const { matches } = await passwords.verify(password, found.passwordHash).catch(underName(field))
  if (!matches) throw new LatchkeyError('invalid_credentials')
  return found
}
