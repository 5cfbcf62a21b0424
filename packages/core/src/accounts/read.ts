import type { AccessClaims } from '../access-tokens/claims.ts'
import type { Core } from '../core.ts'
import { batched } from '../database/batch.ts'
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

const READ = statement<Profile>('account.read', 'select id, username, email from account where id = any($1::int[])')

/** Reads an account by its id; undefined where there is none. */
export type Profiles = (id: number) => Promise<Profile | undefined>

/** Makes the way to read accounts: in batches, as they are asked for. */
export function createProfiles({ db, observer }: Pick<Core, 'db' | 'observer'>): Profiles {
  return batched<number, Profile | undefined>({
    alone: (id) => db.one(READ, [[id]]),
    async together(ids) {
      observer.batch('account', ids.length)
      const rows = await db.batches.many(READ, [ids])
      const byId = new Map(rows.map((row) => [row.id, row]))
      return ids.map((id) => byId.get(id))
    },
  })
}

/**
 * Reads the account that an access token speaks for. The token is trusted for its short life, whether or not its
 * session has ended meanwhile: by the primary key, one statement for all who ask at once.
 *
 * @throws LatchkeyError `invalid_token` when the account is gone
 */
export async function readAccount({ profiles, observer }: Core, claims: AccessClaims): Promise<Profile> {
  const began = performance.now()
  const profile = await profiles(claims.accountId)
  observer.answered('account', performance.now() - began)
  if (profile === undefined) throw new LatchkeyError('invalid_token')
  return profile
}
