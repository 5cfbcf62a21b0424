import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { checkAccessToken } from '../access-tokens/check.ts'
import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { expect, PASSWORD, test } from '../testing/test.ts'
import { changeAccount } from './change.ts'
import { disableAccount } from './disable.ts'
import { register } from './register.ts'
import { setPassword } from './set-password.ts'
import { signOut } from './sign-out.ts'

const WAITING = statement<{ waiting: boolean }>(
  'test.waiting',
  `select exists (
     select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as waiting`,
)
const TAKE = statement('test.take-email', 'update account set email = $2, email_normal = $2 where id = $1')
const DISABLE = statement('test.disable', 'update account set active = false where id = $1')
const RENAME = statement('test.rename', 'update account set username = $2 where id = $1')
const UPDATED = statement<{ details: object }>(
  'test.updated',
  `select details from audit_event where account_id = $1 and name = 'user.updated' order by id desc limit 1`,
)
const LOCK = statement('test.lock-account', 'select from account where id = $1 for no key update')
/** As a login does after the lock. */
const OPEN = statement(
  'test.open-session',
  `insert into session (id, account_id, key_id, created_at, ends_by, selector_mac, token_mac, rotated_at, expires_at)
   select $2, account_id, key_id, created_at, ends_by, sha256(selector_mac), token_mac, rotated_at, expires_at
     from session where account_id = $1`,
)
const LIVE = statement<{ live: number }>(
  'test.live',
  'select count(*) as live from session where account_id = $1 and ended_at is null',
)

/** Starts `work` when `first` is done but not committed; commits when `work` waits for it. */
async function meeting<T>(core: Core, first: (transaction: Runner) => Promise<void>, work: () => Promise<T>) {
  let outcome: Promise<PromiseSettledResult<T>[]> | undefined
  await core.db.transaction(async (transaction) => {
    await first(transaction)
    outcome = Promise.allSettled([work()])
    await expect.poll(async () => (await core.db.one(WAITING, []))?.waiting, { interval: 5 }).toBe(true)
  })
  return (await outcome)?.[0]
}

test('a registration that meets a change to its address is refused', async ({ core, makeAccount }) => {
  const { id } = await makeAccount()
  const email = `taken-by-${id}@example.com`
  const outcome = await meeting(
    core,
    async (transaction) => void (await transaction.many(TAKE, [id, email])),
    () => register(core, { email, password: PASSWORD }),
  )
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'email_taken' } })
})

test('a registration that races a change to its address loses no id', async ({ core, createInstance, login }) => {
  const other = await createInstance()
  const ids: number[] = []
  for (let round = 0; round < 20; round++) {
    const claims = checkAccessToken(core, (await login()).accessToken)
    ids.push(claims.accountId)
    const email = `raced-${randomUUID()}@example.com`
    const [registered] = await Promise.allSettled([
      register(core, { email, password: PASSWORD }),
      changeAccount(other, claims, { email }),
    ])
    if (registered.status === 'fulfilled') ids.push(registered.value.id)
  }
  expect(ids).toEqual(Array.from(ids, (_, i) => (ids[0] ?? 0) + i))
})

test('a change that meets the disabling of its account is refused', async ({ core, makeAccount, login }) => {
  const account = await makeAccount()
  const claims = checkAccessToken(core, (await login(account)).accessToken)
  const outcome = await meeting(
    core,
    async (transaction) => void (await transaction.many(DISABLE, [account.id])),
    () => changeAccount(core, claims, { username: 'John' }),
  )
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'invalid_token' } })
})

test.for([
  ['a new password', (core: Core, id: number) => setPassword(core, id, 'another horse 43', COMMAND)] as const,
  ['a sign-out', (core: Core, id: number) => signOut(core, id, COMMAND)] as const,
])(
  'a change that waits for %s is refused once that has ended its session',
  async ([, end], { core, makeAccount, login }) => {
    const account = await makeAccount()
    const claims = checkAccessToken(core, (await login(account)).accessToken)
    let ended: Promise<unknown> | undefined
    // Both wait for a lock of the row: the one that ends the session came first.
    const outcome = await meeting(
      core,
      async (transaction) => {
        await transaction.many(LOCK, [account.id])
        ended = end(core, account.id)
        await expect.poll(async () => (await core.db.one(WAITING, []))?.waiting, { interval: 5 }).toBe(true)
      },
      async () => {
        await delay(50)
        return await changeAccount(core, claims, { email: `thief-${account.id}@example.com` })
      },
    )
    await ended
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'invalid_token' } })
  },
)

test('what a change was from is what it found, not what was there when it came', async ({
  core,
  makeAccount,
  login,
}) => {
  const account = await makeAccount()
  const claims = checkAccessToken(core, (await login(account)).accessToken)
  const outcome = await meeting(
    core,
    async (transaction) => void (await transaction.many(RENAME, [account.id, 'newer'])),
    () => changeAccount(core, claims, { username: 'newest' }),
  )
  expect(outcome).toMatchObject({ status: 'fulfilled', value: { username: 'newest' } })
  expect(await core.db.one(UPDATED, [account.id])).toEqual({ details: { username: { from: 'newer', to: 'newest' } } })
})

/** The login is played by its two statements, to be sure of the moment; `login.test.ts` races real ones. */
test.for([
  ['the disabling of an account', (core: Core, id: number) => disableAccount(core, id, COMMAND)] as const,
  ['a new password', (core: Core, id: number) => setPassword(core, id, 'another horse 43', COMMAND)] as const,
])('%s ends the session of a login that it meets', async ([, change], { core, makeAccount, login }) => {
  const account = await makeAccount()
  await login(account)
  const openSession = async (transaction: Runner) => {
    await transaction.many(LOCK, [account.id])
    await transaction.many(OPEN, [account.id, randomUUID()])
  }
  expect(await meeting(core, openSession, () => change(core, account.id))).toMatchObject({ status: 'fulfilled' })
  expect(await core.db.one(LIVE, [account.id])).toEqual({ live: 0 })
})
