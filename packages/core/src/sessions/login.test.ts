import { decodeJwt } from 'jose'
import { disableAccount, enableAccount } from '../accounts/disable.ts'
import { setPassword } from '../accounts/set-password.ts'
import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { PASSWORD, expect, test } from '../testing/test.ts'
import { login } from './login.ts'
import { refresh } from './refresh.ts'

const WRONG = { code: 'invalid_credentials' }
const HASH = statement<{ passwordHash: string }>(
  'test.hash',
  'select password_hash as "passwordHash" from account where id = $1',
)
const PROMOTE = statement('test.promote', `update account set role = 'admin' where id = $1`)
const LIVE = statement<{ live: number }>(
  'test.live',
  'select count(*) as live from session where account_id = $1 and ended_at is null',
)
const live = async (core: Core, id: number) => (await core.db.one(LIVE, [id]))?.live

test('opens a session: a pair whose access token names account and session', async ({ core, makeAccount, clock }) => {
  const account = await makeAccount()
  const pair = await login(core, account)
  const iat = clock.now().getTime() / 1000
  expect(decodeJwt(pair.accessToken)).toMatchObject({
    user_id: account.id,
    sub: String(account.id),
    iat,
    exp: iat + 30,
  })
})

test('finds the account in any letter case and with spaces around', async ({ core, makeAccount }) => {
  const { email, password } = await makeAccount()
  expect((await login(core, { email: `  ${email.toUpperCase()} `, password })).refreshToken).toBeTruthy()
})

test('unknown account, no address at all and wrong password answer the same', async ({ core, makeAccount }) => {
  const { email } = await makeAccount()
  await expect(login(core, { email, password: 'another' })).rejects.toMatchObject(WRONG)
  await expect(login(core, { email: 'nobody@example.com', password: PASSWORD })).rejects.toMatchObject(WRONG)
  await expect(login(core, { email: 'nobody', password: PASSWORD })).rejects.toMatchObject(WRONG)
})

test('tells that an account is disabled only after the right password', async ({ core, makeAccount }) => {
  const { id, email, password } = await makeAccount()
  await disableAccount(core, id, COMMAND)
  await expect(login(core, { email, password: 'another' })).rejects.toMatchObject(WRONG)
  await expect(login(core, { email, password })).rejects.toMatchObject({ code: 'account_disabled' })
})

test('ends the session that was unused for longest when there are too many', async ({
  createInstance,
  makeAccount,
  clock,
}) => {
  const core = await createInstance({ settings: { SESSIONS_PER_ACCOUNT_MAX: 2 } })
  const account = await makeAccount()
  const first = await login(core, account)
  clock.advance(60)
  const second = await login(core, account)
  clock.advance(60)
  const firstAgain = await refresh(core, first.refreshToken)
  await login(core, account)
  await expect(refresh(core, second.refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
  expect((await refresh(core, firstAgain.refreshToken)).refreshToken).toBeTruthy()
  expect(await live(core, account.id)).toBe(2)
})

test('logins of one account at once never deadlock over surplus sessions', async ({ createInstance, makeAccount }) => {
  const core = await createInstance({ settings: { SESSIONS_PER_ACCOUNT_MAX: 3 } })
  const account = await makeAccount()
  const logins = () => Promise.allSettled(Array.from({ length: 12 }, () => login(core, account)))
  const outcomes = [...(await logins()), ...(await logins())]
  expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toEqual([])
  await login(core, account)
  expect(await live(core, account.id)).toBe(3)
})

test('renews a hash of other parameters, and logs in', async ({ createInstance, makeAccount }) => {
  const account = await makeAccount()
  const core = await createInstance({ settings: { PASSWORD_HASH_MEMORY: 8192 } })
  const before = await core.db.one(HASH, [account.id])
  await login(core, account)
  const after = await core.db.one(HASH, [account.id])
  expect(before?.passwordHash).toContain('m=7168')
  expect(after?.passwordHash).toContain('m=8192')
  await login(core, account)
  expect(await core.db.one(HASH, [account.id])).toEqual(after)
})

test('many logins at once during a renewal all succeed', async ({ createInstance, makeAccount }) => {
  const account = await makeAccount()
  const core = await createInstance({ settings: { PASSWORD_HASH_MEMORY: 8192 } })
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => login(core, account)))
  expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toEqual([])
})

test('a login is not refused because its hash cannot be renewed just now', async ({ createInstance, makeAccount }) => {
  const account = await makeAccount()
  const core = await createInstance({ settings: { PASSWORD_HASH_MEMORY: 8192 } })
  const busy = { ...core.passwords, hash: () => Promise.reject(new LatchkeyError('busy')) }
  expect((await login({ ...core, passwords: busy }, account)).refreshToken).toBeTruthy()
  expect((await core.db.one(HASH, [account.id]))?.passwordHash).toContain('m=7168')
})

test('no login with the old password survives a change of password', async ({ core, makeAccount }) => {
  for (let round = 0; round < 10; round++) {
    const account = await makeAccount()
    const logins = Array.from({ length: 4 }, () => login(core, account))
    const change = setPassword(core, account.id, 'another horse 43', COMMAND)
    const outcomes = await Promise.allSettled(logins)
    await change
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') continue
      await expect(refresh(core, outcome.value.refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
    }
  }
})

test('the login of an admin ends after 12 hours, whatever is refreshed', async ({ core, makeAccount, clock }) => {
  const account = await makeAccount()
  await core.db.many(PROMOTE, [account.id])
  let { refreshToken } = await login(core, account)
  clock.advance(12 * 3600 - 1)
  ;({ refreshToken } = await refresh(core, refreshToken))
  clock.advance(1)
  await expect(refresh(core, refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
})

test('a login that nothing refreshes ends no later than any other', async ({ createInstance, makeAccount, clock }) => {
  const core = await createInstance({ settings: { SESSION_MAX_LIFETIME: 300 } })
  const { refreshToken } = await login(core, await makeAccount())
  clock.advance(300)
  await expect(refresh(core, refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
})

test('no login that was under way survives the disabling of its account', async ({ core, makeAccount }) => {
  for (let round = 0; round < 10; round++) {
    const account = await makeAccount()
    const logins = Array.from({ length: 4 }, () => login(core, account))
    const disabled = disableAccount(core, account.id, COMMAND)
    const outcomes = await Promise.allSettled(logins)
    await disabled
    await enableAccount(core, account.id, COMMAND)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') continue
      await expect(refresh(core, outcome.value.refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
    }
  }
})
