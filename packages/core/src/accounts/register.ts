import { NO_ORIGIN, type Origin } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { lockInTransaction } from '../database/lock.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { checkPassword } from '../passwords/policy.ts'
import { emailLock, parseEmail } from './email.ts'
import { emailTaken } from './email-taken.ts'
import { refuseTaken } from './insert.ts'

/**
 * Account and event in one statement, which a registration has to spare. The sequence is asked for an id only for a row that passes
 * `where`: a refused duplicate leaves no gap.
 */
const INSERT = statement<Registered>(
  'account.register',
  `with registered as (
    insert into account (email, email_normal, password_hash, created_at)
    select $1, $2, $3, coalesce($4::timestamptz, now())
     where not exists (select from account where email_normal = $2)
    returning id, email, created_at),
  recorded as (
    insert into audit_event (at, name, account_id, actor, actor_id, address, user_agent, request_id)
    select created_at, 'user.registered', id, 'owner', id, $5, $6, $7 from registered)
  select id, email from registered`,
)

/** A new account. */
export interface Registered {
  id: number
  /** As it was typed. */
  email: string
}

/**
 * Registers an account under the next id. Who registers the same address at the same time waits at a lock and is then
 * refused; without it both would draw an id, and one would be lost.
 *
 * @throws LatchkeyError `registration_closed`, `invalid_input`, `too_many_requests`, `email_taken`, `busy`
 */
export async function register(
  core: Core,
  input: { email: string; password: string },
  origin: Origin = NO_ORIGIN,
): Promise<Registered> {
  const { db, settings, passwords, clock, counters, limits } = core
  if (!settings.current().REGISTRATION_OPEN) throw new LatchkeyError('registration_closed')
  const email = parseEmail(input.email)
  await checkPassword(settings.current(), input.password, email.typed)
  passwords.admit()
  // Also who only asks which addresses are taken is counted.
  await limits.register(origin)
  await refuseTaken(core, email)

  const passwordHash = await passwords.hash(input.password)
  const registered = await db
    .transaction(async (transaction) => {
      await lockInTransaction(transaction, emailLock(email.normal))
      const values = [
        email.typed,
        email.normal,
        passwordHash,
        clock.sql(),
        origin.address,
        origin.userAgent,
        origin.requestId,
      ]
      return await transaction.one(INSERT, values)
    })
    .catch(emailTaken)
  if (registered === undefined) throw new LatchkeyError('email_taken')
  counters.count('registrations')
  return registered
}
