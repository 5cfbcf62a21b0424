import { COMMAND } from '../audit/origin.ts'
import { statement } from '../database/statement.ts'
import { login as logIn } from '../sessions/login.ts'
import { logout } from '../sessions/logout.ts'
import { refresh } from '../sessions/refresh.ts'
import { expect, test } from '../testing/test.ts'
import { disableAccount, enableAccount } from './disable.ts'

const ENDED = { code: 'invalid_refresh_token' }
const REASONS = statement<{ reason: string | null }>(
  'test.end-reasons',
  'select end_reason as reason from session where account_id = $1 order by created_at, end_reason',
)

test('ends every session of the account that lives, and no other', async ({ core, makeAccount, login, clock }) => {
  const account = await makeAccount()
  const stranger = await login()
  await logout(core, (await login(account)).refreshToken)
  clock.advance(1)
  const live = [await login(account), await login(account)]
  await disableAccount(core, account.id, COMMAND)
  for (const { refreshToken } of live) await expect(refresh(core, refreshToken)).rejects.toMatchObject(ENDED)
  expect((await core.db.many(REASONS, [account.id])).map(({ reason }) => reason)).toEqual([
    'logged_out',
    'account_disabled',
    'account_disabled',
  ])
  expect(await refresh(core, stranger.refreshToken)).toBeTruthy()
})

test('an account that is enabled again logs in anew; its old sessions stay ended', async ({
  core,
  makeAccount,
  login,
}) => {
  const account = await makeAccount()
  const { refreshToken } = await login(account)
  await disableAccount(core, account.id, COMMAND)
  await expect(logIn(core, account)).rejects.toMatchObject({ code: 'account_disabled' })
  await enableAccount(core, account.id, COMMAND)
  await expect(refresh(core, refreshToken)).rejects.toMatchObject(ENDED)
  expect(await refresh(core, (await login(account)).refreshToken)).toBeTruthy()
})

test('says when there is no such account', async ({ core }) => {
  await expect(disableAccount(core, 2_000_000_000, COMMAND)).rejects.toMatchObject({ code: 'not_found' })
  await expect(enableAccount(core, 2_000_000_000, COMMAND)).rejects.toMatchObject({ code: 'not_found' })
})
