import { randomBytes } from 'node:crypto'
import type { AccessClaims } from '../access-tokens/claims.ts'
import { checkAccessToken } from '../access-tokens/check.ts'
import { COMMAND } from '../audit/origin.ts'
import { login as logIn } from '../sessions/login.ts'
import { logout } from '../sessions/logout.ts'
import { NOBODY } from '../observer.ts'
import { expect, PASSWORD, type TestAccount, test as base } from '../testing/test.ts'
import { changeAccount } from './change.ts'
import { disableAccount } from './disable.ts'
import { readAccount } from './read.ts'
import { register } from './register.ts'

interface Owner {
  account: TestAccount
  claims: AccessClaims
  refreshToken: string
}

const INVALID = { code: 'invalid_token' }
const TAKEN = { code: 'email_taken' }

const test = base.extend('makeOwner', ({ core, makeAccount, login }) => async (): Promise<Owner> => {
  const account = await makeAccount()
  const { accessToken, refreshToken } = await login(account)
  return { account, claims: checkAccessToken(core, accessToken), refreshToken }
})

const newEmail = () => `changed-${randomBytes(6).toString('hex')}@example.com`

test('changes what is given and answers with the whole', async ({ core, makeOwner }) => {
  const { account, claims } = await makeOwner()
  const { id } = account
  const username = 'Zoë 🐇 '.repeat(25) // 150 code points
  const email = newEmail()
  expect(await changeAccount(core, claims, {})).toEqual({ id, username: '', email: account.email })
  expect(await changeAccount(core, claims, { username })).toEqual({ id, username, email: account.email })
  expect(await changeAccount(core, claims, { email })).toEqual({ id, username, email })
  expect(await changeAccount(core, claims, { username: '', email: account.email })).toEqual({
    id,
    username: '',
    email: account.email,
  })
  expect(await readAccount(core, claims)).toEqual({ id, username: '', email: account.email })
})

test('the new address logs in, the old one no more, and is free for others', async ({ core, makeOwner }) => {
  const { account, claims } = await makeOwner()
  const email = newEmail()
  const typed = email.replace('changed', 'Changed')
  expect(await changeAccount(core, claims, { email: ` ${typed} ` })).toMatchObject({ email: typed })
  expect(await logIn(core, { email, password: PASSWORD })).toBeTruthy()
  await expect(logIn(core, account)).rejects.toMatchObject({ code: 'invalid_credentials' })
  expect(await register(core, account)).toMatchObject({ email: account.email })
})

test('an address of another account is taken, in any letter case; the own one is not', async ({ core, makeOwner }) => {
  const { account, claims } = await makeOwner()
  const { account: other } = await makeOwner()
  for (const email of [other.email, other.email.toUpperCase()]) {
    await expect(changeAccount(core, claims, { username: 'John', email })).rejects.toMatchObject(TAKEN)
  }
  const upper = account.email.toUpperCase()
  expect(await changeAccount(core, claims, { email: upper })).toMatchObject({ username: '', email: upper })
})

test('two accounts may have the same username', async ({ core, makeOwner }) => {
  for (const { claims } of [await makeOwner(), await makeOwner()]) {
    expect(await changeAccount(core, claims, { username: 'John Smith' })).toMatchObject({ username: 'John Smith' })
  }
})

test('refuses what is no address', async ({ core, makeOwner }) => {
  const { claims } = await makeOwner()
  await expect(changeAccount(core, claims, { email: 'nobody' })).rejects.toMatchObject({
    code: 'invalid_input',
    fields: [{ path: ['email'] }],
  })
})

test('changes nothing once the session has ended or expired, or the account is disabled', async ({
  core,
  makeOwner,
  clock,
}) => {
  const [out, disabled, expired] = [await makeOwner(), await makeOwner(), await makeOwner()]
  await logout(core, out.refreshToken)
  await disableAccount(core, disabled.account.id, COMMAND)
  const change = { username: 'John', email: newEmail() }
  await expect(changeAccount(core, out.claims, change)).rejects.toMatchObject(INVALID)
  await expect(changeAccount(core, disabled.claims, change)).rejects.toMatchObject(INVALID)
  clock.advance(core.settings.current().REFRESH_TOKEN_LIFETIME - 1)
  expect(await changeAccount(core, expired.claims, { username: 'Jane' })).toMatchObject({ username: 'Jane' })
  clock.advance(1)
  await expect(changeAccount(core, expired.claims, change)).rejects.toMatchObject(INVALID)
  for (const { claims } of [out, disabled]) expect(await readAccount(core, claims)).toMatchObject({ username: '' })
})

test('a session cannot change another account', async ({ core, makeOwner }) => {
  const [one, other] = [await makeOwner(), await makeOwner()]
  const mixed = { ...one.claims, accountId: other.account.id }
  await expect(changeAccount(core, mixed, { username: 'John' })).rejects.toMatchObject(INVALID)
})

test('of many who want one address at once, some by registering, one gets it', async ({ core, makeOwner }) => {
  const owners = await Promise.all(Array.from({ length: 4 }, makeOwner))
  for (let round = 0; round < 5; round++) {
    const email = newEmail()
    const outcomes = await Promise.allSettled([
      ...owners.map(({ claims }) => changeAccount(core, claims, { email })),
      ...owners.map(() => register(core, { email, password: PASSWORD })),
    ])
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    expect(errors).toEqual(Array(7).fill(expect.objectContaining(TAKEN)))
  }
})

test('many at once change each its own, and what has ended changes nothing', async ({
  core,
  makeOwner,
  createInstance,
}) => {
  const sizes: number[] = []
  const observer = { ...NOBODY, batch: (_: string, size: number) => void sizes.push(size) }
  const instance = await createInstance({ observer })
  const owners = await Promise.all(Array.from({ length: 24 }, makeOwner))
  const [out, disabled] = owners
  await logout(core, out?.refreshToken ?? '')
  await disableAccount(core, disabled?.account.id ?? 0, COMMAND)
  const outcomes = await Promise.all(
    owners.map(({ claims }, i) =>
      changeAccount(instance, claims, { username: `owner ${i}` }).catch((error: unknown) => error),
    ),
  )
  expect(outcomes.slice(0, 2)).toEqual([expect.objectContaining(INVALID), expect.objectContaining(INVALID)])
  expect(outcomes.slice(2)).toEqual(
    owners.slice(2).map(({ account: { id, email } }, i) => ({ id, email, username: `owner ${i + 2}` })),
  )
  // The first goes at once, all others together.
  expect(sizes).toEqual([1, 23])
  const events = await core.db.many<{ id: number; to: string }>(
    {
      name: 'test.renames',
      text: `select account_id as id, details -> 'username' ->> 'to' as to from audit_event
              where name = 'user.updated' and account_id = any($1::int[]) order by account_id`,
    },
    [owners.map(({ account }) => account.id)],
  )
  expect(new Map(events.map(({ id, to }) => [id, to]))).toEqual(
    new Map(owners.slice(2).map(({ account }, i) => [account.id, `owner ${i + 2}`])),
  )
})

test('two changes of one account at once are one after the other', async ({ core, makeOwner }) => {
  const { claims } = await makeOwner()
  const names = Array.from({ length: 10 }, (_, i) => `name ${i}`)
  const answers = await Promise.all(names.map((username) => changeAccount(core, claims, { username })))
  expect(answers.map(({ username }) => username)).toEqual(names)
  expect(names).toContain((await readAccount(core, claims)).username)
})
