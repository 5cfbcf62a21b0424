import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { lockInTransaction } from '../database/lock.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import type { Role } from './account.ts'
import { type Email, emailLock } from './email.ts'
import { emailTaken } from './email-taken.ts'

/** The sequence is asked for an id only for a row that passes `where`: a refused duplicate leaves no gap. */
const INSERT = statement<{ id: number }>(
  'account.insert',
  `insert into account (email, email_normal, password_hash, username, role, password_change_required, created_at)
   select $1, $2, $3, $4, $5, $6, coalesce($7::timestamptz, now())
    where not exists (select from account where email_normal = $2)
   returning id`,
)

const FIND = statement<{ id: number }>('account.find-email-normal', 'select id from account where email_normal = $1')

/** An account that an admin, a command or the setup link makes. */
export interface NewAccount {
  email: Email
  passwordHash: string
  username: string
  role: Role
  passwordChangeRequired: boolean
}

/**
 * Inserts an account, under the lock that a registration of its address holds.
 *
 * @returns its id
 * @throws LatchkeyError `email_taken`
 */
export async function insertAccount(transaction: Runner, { clock }: Core, account: NewAccount): Promise<number> {
  const { email, passwordHash, username, role, passwordChangeRequired } = account
  await lockInTransaction(transaction, emailLock(email.normal))
  const values = [email.typed, email.normal, passwordHash, username, role, passwordChangeRequired, clock.sql()]
  const inserted = await transaction.one(INSERT, values).catch(emailTaken)
  if (inserted === undefined) throw new LatchkeyError('email_taken')
  return inserted.id
}

/**
 * An address that is taken shall not cost a hash.
 *
 * @throws LatchkeyError `email_taken`
 */
export async function refuseTaken({ db }: Core, email: Email): Promise<void> {
  if ((await db.one(FIND, [email.normal])) !== undefined) throw new LatchkeyError('email_taken')
}
