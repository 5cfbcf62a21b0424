import { checkAccessToken } from '../access-tokens/check.ts'
import { statement } from '../database/statement.ts'
import { logout } from '../sessions/logout.ts'
import { expect, test } from '../testing/test.ts'
import { readAccount } from './read.ts'

const DELETE = statement('test.delete-account', 'delete from account where id = $1')

test('reads the account of the token, also after its session has ended', async ({ core, makeAccount, login }) => {
  const account = await makeAccount()
  const { accessToken, refreshToken } = await login(account)
  const profile = { id: account.id, username: '', email: account.email }
  expect(await readAccount(core, checkAccessToken(core, accessToken))).toEqual(profile)
  await logout(core, refreshToken)
  expect(await readAccount(core, checkAccessToken(core, accessToken))).toEqual(profile)
})

test('a token of an account that is gone is invalid', async ({ core, makeAccount, login }) => {
  const account = await makeAccount()
  const claims = checkAccessToken(core, (await login(account)).accessToken)
  await core.db.many(DELETE, [account.id])
  await expect(readAccount(core, claims)).rejects.toMatchObject({ code: 'invalid_token' })
})
