import { COMMAND } from '../audit/origin.ts'
import { statement } from '../database/statement.ts'
import { login as logIn } from '../sessions/login.ts'
import { refresh } from '../sessions/refresh.ts'
import { expect, test } from '../testing/test.ts'
import { setPassword } from './set-password.ts'

const NEW = 'another horse 43'
const REASONS = statement<{ reason: string | null }>(
  'test.end-reasons',
  'select end_reason as reason from session where account_id = $1 order by created_at, end_reason',
)

test('the new password logs in, the old one no more, and every session has ended', async ({
  core,
  makeAccount,
  login,
}) => {
  const account = await makeAccount()
  const stranger = await login()
  const { refreshToken } = await login(account)
  await setPassword(core, account.id, NEW, COMMAND)
  await expect(refresh(core, refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
  await expect(logIn(core, account)).rejects.toMatchObject({ code: 'invalid_credentials' })
  expect(await core.db.many(REASONS, [account.id])).toEqual([{ reason: 'password_changed' }])
  expect(await refresh(core, (await logIn(core, { ...account, password: NEW })).refreshToken)).toBeTruthy()
  expect(await refresh(core, stranger.refreshToken)).toBeTruthy()
})

test('obeys the policy, which knows the address; then nothing has changed', async ({
  createInstance,
  makeAccount,
  login,
}) => {
  const strict = await createInstance({ production: true })
  const account = await makeAccount()
  const { refreshToken } = await login(account)
  for (const password of ['short', account.email]) {
    await expect(setPassword(strict, account.id, password, COMMAND)).rejects.toMatchObject({ code: 'invalid_input' })
  }
  expect(await refresh(strict, refreshToken)).toBeTruthy()
  expect(await login(account)).toBeTruthy()
})

test('says when there is no such account', async ({ core }) => {
  await expect(setPassword(core, 2_000_000_000, NEW, COMMAND)).rejects.toMatchObject({ code: 'not_found' })
})

test('of two changes at once the password of one is in force, and nobody is in', async ({
  core,
  makeAccount,
  login,
}) => {
  const account = await makeAccount()
  const { refreshToken } = await login(account)
  const passwords = [NEW, 'a third horse 44']
  await Promise.all(passwords.map((password) => setPassword(core, account.id, password, COMMAND)))
  await expect(refresh(core, refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
  const logins = await Promise.allSettled(passwords.map((password) => logIn(core, { ...account, password })))
  expect(logins.map((outcome) => outcome.status).toSorted()).toEqual(['fulfilled', 'rejected'])
})
