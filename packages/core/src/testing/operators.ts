import { randomBytes } from 'node:crypto'
import type { AccessClaims } from '../access-tokens/claims.ts'
import { checkAccessToken } from '../access-tokens/check.ts'
import type { Role } from '../accounts/account.ts'
import { createAccount } from '../accounts/create.ts'
import { type Actor, actorOf, COMMAND, type Origin } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { login } from '../sessions/login.ts'
import { PASSWORD, type TestAccount, test as base } from './test.ts'

/** An account with a session. */
export interface Member {
  account: TestAccount
  claims: AccessClaims
  refreshToken: string
  /** The account as an admin who acts. */
  actor: Actor
}

/** The request of every {@link Member}. */
export const REQUEST: Origin = { address: '192.0.2.7', userAgent: 'curl/8', requestId: 'a request', device: null }

/** The `test` of what looks at all accounts at once: other tests of the worker leave theirs, admins too. */
export const test = base
  /** An instance on a database of this test's own. */
  .extend('own', async ({ createInstance, migratedDatabase }): Promise<Core> => {
    return await createInstance({ databaseUrl: await migratedDatabase() })
  })

/** Makes an account and logs it in. */
export async function makeMember(core: Core, role: Role = 'user'): Promise<Member> {
  const email = `${role}-${randomBytes(6).toString('hex')}@example.com`
  const { id } = await createAccount(core, { email, password: PASSWORD, role }, COMMAND)
  return await enter(core, { id, email, password: PASSWORD })
}

/** Opens one more session of an account. */
export async function enter(core: Core, account: TestAccount): Promise<Member> {
  const { accessToken, refreshToken } = await login(core, account)
  const claims = checkAccessToken(core, accessToken)
  return { account, claims, refreshToken, actor: actorOf('admin', claims, REQUEST) }
}

const EVENTS = statement<{ name: string; actor: string; actorId: number | null; details: object | null }>(
  'test.events-of',
  `select name, actor, actor_id as "actorId", details from audit_event
    where account_id = $1 and name not like 'user.login.%' order by id`,
)

/** What the audit says of an account, but for its logins. */
export const eventsOf = ({ db }: Core, { id }: { id: number }) => db.many(EVENTS, [id])

const ENDS = statement<{ reason: string | null }>(
  'test.ends-of',
  'select end_reason as reason from session where account_id = $1 order by created_at, ended_at, end_reason',
)

/** Why the sessions of an account ended; null for those that live. */
export async function endsOf({ db }: Core, { id }: { id: number }): Promise<(string | null)[]> {
  return (await db.many(ENDS, [id])).map(({ reason }) => reason)
}
