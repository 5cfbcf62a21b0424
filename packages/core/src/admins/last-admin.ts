import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'

const IS_LAST = statement<{ last: boolean }>(
  'admin.is-last',
  `select exists (select from account where id = $1 and role = 'admin' and active)
      and not exists (select from account where id <> $1 and role = 'admin' and active) as last`,
)

const ANY = statement<{ id: number }>('admin.any', `select id from account where role = 'admin' limit 1`)

/**
 * Call it in an `adminTransaction` before an account is demoted, disabled or deleted.
 *
 * @throws LatchkeyError `last_admin` when the account is the only active admin
 */
export async function refuseLastAdmin(transaction: Runner, accountId: number): Promise<void> {
  const found = await transaction.one(IS_LAST, [accountId])
  if (found?.last === true) throw new LatchkeyError('last_admin')
}

/** Whether there is an admin, active or not: then no other is made but by an admin or a command. */
export async function adminExists(runner: Runner): Promise<boolean> {
  return (await runner.one(ANY, [])) !== undefined
}
