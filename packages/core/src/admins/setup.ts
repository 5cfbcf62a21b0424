import { randomBytes } from 'node:crypto'
import { parseEmail } from '../accounts/email.ts'
import { insertAccount, refuseTaken } from '../accounts/insert.ts'
import { type AccountView, viewAccount } from '../accounts/view.ts'
import { anyone, type Origin, SYSTEM } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { type DerivedKeys, knownKeys, mac } from '../crypto.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { checkPassword } from '../passwords/policy.ts'
import { adminExists } from './last-admin.ts'
import { adminTransaction } from './transaction.ts'

const TOKEN_BYTES = 32

/** Seconds that a link can be used. */
const LIFETIME = 3600

const CREATE = statement(
  'setup-link.create',
  `with t as (select coalesce($2::timestamptz, clock_timestamp()) as now),
  gone as (delete from setup_link using t where expires_at <= t.now)
  insert into setup_link (token_mac, expires_at) select $1, now + make_interval(secs => $3) from t`,
)

const FIND = statement<{ found: boolean }>(
  'setup-link.find',
  `select true as found from setup_link
    where token_mac = any ($1::bytea[]) and expires_at > coalesce($2::timestamptz, clock_timestamp())`,
)

const DELETE_ALL = statement('setup-link.delete-all', 'delete from setup_link')

/**
 * Makes a link by which the first admin can be made, once, within an hour. Instances that start at once make one each.
 *
 * @returns its token, which is shown to whoever started the server and kept nowhere; undefined when there is an admin
 */
export function createSetupLink(core: Core): Promise<string | undefined> {
  return adminTransaction(core, SYSTEM, async (transaction) => {
    if (await adminExists(transaction)) return undefined
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    await transaction.many(CREATE, [macOf(core.keysInForce(), token), core.clock.sql(), LIFETIME])
    await record(transaction, core, { name: 'setup_link.created', actor: SYSTEM })
    return token
  })
}

/**
 * Makes the first admin by a setup link. Then all links are dead; when it fails, this one can be used again.
 *
 * @throws LatchkeyError `invalid_setup_link`, `invalid_input`, `email_taken`, `busy`
 */
export async function setUpAdmin(
  core: Core,
  input: { token: string; email: string; password: string },
  origin: Origin,
): Promise<AccountView> {
  const { db, settings, passwords } = core
  // Whoever has no link shall learn nothing about addresses, and cost no hash.
  await refuseInvalid(db, core, input.token)
  const email = parseEmail(input.email)
  await checkPassword(settings.current(), input.password, email.typed)
  await refuseTaken(core, email)
  const passwordHash = await passwords.hash(input.password)

  const actor = anyone(origin)
  return await adminTransaction(core, actor, async (transaction) => {
    await refuseInvalid(transaction, core, input.token)
    const account = { email, passwordHash, username: '', role: 'admin', passwordChangeRequired: false } as const
    const accountId = await insertAccount(transaction, core, account)
    await transaction.many(DELETE_ALL, [])
    const details = { role: 'admin', by: 'setup_link' }
    await record(transaction, core, { name: 'user.created', actor, accountId, details })
    return await viewAccount(transaction, core, accountId)
  })
}

/** Links are deleted with their use, but a command makes admins without one. */
async function refuseInvalid(runner: Runner, core: Core, token: string): Promise<void> {
  const macs = knownKeys(core).map((keys) => macOf(keys, token))
  const found = await runner.one(FIND, [macs, core.clock.sql()])
  if (found === undefined || (await adminExists(runner))) throw new LatchkeyError('invalid_setup_link')
}

function macOf({ setup }: DerivedKeys, token: string): Buffer {
  return mac(setup, Buffer.from(token))
}
