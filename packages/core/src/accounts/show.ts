import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { normalizeEmail } from './email.ts'
import { type AccountView, accountViewSql, viewAccount } from './view.ts'

const BY_EMAIL = statement<AccountView>(
  'account.show-by-email',
  accountViewSql('select * from account where email_normal = $2'),
)

/**
 * Shows one account, by its id or its e-mail address in any letter case.
 *
 * @throws LatchkeyError `not_found`
 */
export async function showAccount(core: Core, which: number | { email: string }): Promise<AccountView> {
  if (typeof which === 'number') return await viewAccount(core.db, core, which)
  const normal = normalizeEmail(which.email)
  const view = normal === undefined ? undefined : await core.db.one(BY_EMAIL, [core.clock.sql(), normal])
  if (view === undefined) throw new LatchkeyError('not_found')
  return view
}
