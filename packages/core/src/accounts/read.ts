import type { AccessClaims } from '../access-tokens/claims.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'

/** What an account shows of itself to its owner. */
export interface Profile {
  id: number
  /** Empty until it is set. */
  username: string
  /** As it was typed. */
  email: string
}

const READ = statement<Profile>('account.read', 'select id, username, email from account where id = $1')

/**
 * Reads the account that an access token speaks for. The token is trusted for its short life, whether or not its
 * session has ended meanwhile: one statement, by the primary key.
 *
 * @throws LatchkeyError `invalid_token` when the account is gone
 */
export async function readAccount({ db }: Core, claims: AccessClaims): Promise<Profile> {
  const profile = await db.one(READ, [claims.accountId])
  if (profile === undefined) throw new LatchkeyError('invalid_token')
  return profile
}
