import { randomBytes } from 'node:crypto'
import { COMMAND } from '../audit/origin.ts'
import { login as logIn } from '../sessions/login.ts'
import { refresh } from '../sessions/refresh.ts'
import { endsOf, enter, eventsOf, makeMember, test } from '../testing/operators.ts'
import { expect, PASSWORD } from '../testing/test.ts'
import { createAccount } from './create.ts'
import { deleteAccount } from './delete.ts'
import { disableAccount, enableAccount } from './disable.ts'
import { editAccount } from './edit.ts'
import { setPassword } from './set-password.ts'
import { showAccount } from './show.ts'
import { signOut } from './sign-out.ts'

const NOBODY = 2_000_000_000
const [NOT_FOUND, TAKEN] = [{ code: 'not_found' }, { code: 'email_taken' }]

const newEmail = () => `new-${randomBytes(6).toString('hex')}@example.com`

test('an admin makes an account that can log in, also while registration is closed', async ({ createInstance }) => {
  const closed = await createInstance({ settings: { REGISTRATION_OPEN: false }, production: true })
  const { actor, account } = await makeMember(closed, 'admin')
  const email = newEmail().replace('new', 'New')
  const made = await createAccount(closed, { email: ` ${email}`, password: PASSWORD, username: 'Zoë' }, actor)
  expect(made).toEqual({
    id: expect.any(Number),
    email,
    username: 'Zoë',
    role: 'user',
    active: true,
    createdAt: closed.clock.now(),
    passwordChangeRequired: false,
    liveSessions: 0,
    lastSeenAt: null,
  })
  expect(await logIn(closed, { email, password: PASSWORD })).toBeTruthy()
  expect(await eventsOf(closed, made)).toEqual([
    { name: 'user.created', actor: 'admin', actorId: account.id, details: { role: 'user' } },
  ])
  const again = (input: object) => createAccount(closed, { email, password: PASSWORD, ...input }, actor)
  await expect(again({ email: email.toUpperCase() })).rejects.toMatchObject(TAKEN)
  for (const input of [{ email: 'nobody' }, { email: newEmail(), password: 'short' }]) {
    await expect(again(input)).rejects.toMatchObject({ code: 'invalid_input' })
  }
})

test('shows an account by id or address, with its live sessions and when it was last seen', async ({ own, clock }) => {
  const { account, refreshToken } = await makeMember(own)
  clock.advance(100)
  await enter(own, account)
  const seen = { id: account.id, liveSessions: 2, lastSeenAt: clock.now() }
  expect(await showAccount(own, account.id)).toMatchObject(seen)
  expect(await showAccount(own, { email: account.email.toUpperCase() })).toMatchObject(seen)
  clock.advance(own.settings.current().REFRESH_TOKEN_LIFETIME - 100)
  expect(await showAccount(own, account.id)).toMatchObject({ ...seen, liveSessions: 1 })
  await expect(refresh(own, refreshToken)).rejects.toThrow()
  for (const which of [NOBODY, { email: newEmail() }, { email: 'nobody' }]) {
    await expect(showAccount(own, which)).rejects.toMatchObject(NOT_FOUND)
  }
})

test('changes what is given, and tells of what is another', async ({ own }) => {
  const { account } = await makeMember(own)
  const email = newEmail()
  expect(await editAccount(own, account.id, {}, COMMAND)).toMatchObject({ username: '', email: account.email })
  expect(await editAccount(own, account.id, { username: 'Zoë', role: 'user' }, COMMAND)).toMatchObject({
    username: 'Zoë',
    email: account.email,
  })
  expect(await editAccount(own, account.id, { email, username: 'Zoë' }, COMMAND)).toMatchObject({
    email,
    liveSessions: 1,
  })
  const command = { actor: 'command', actorId: null }
  expect(await eventsOf(own, account)).toEqual([
    { name: 'user.created', ...command, details: { role: 'user' } },
    { name: 'user.updated', ...command, details: { username: { from: '', to: 'Zoë' } } },
    { name: 'user.updated', ...command, details: { email: { from: account.email, to: email } } },
  ])
  expect(await logIn(own, { email, password: PASSWORD })).toBeTruthy()
  const other = await makeMember(own)
  await expect(editAccount(own, other.account.id, { email: email.toUpperCase() }, COMMAND)).rejects.toMatchObject(TAKEN)
  await expect(editAccount(own, NOBODY, { username: 'x' }, COMMAND)).rejects.toMatchObject(NOT_FOUND)
})

test('another role ends the sessions; the same does not', async ({ own }) => {
  const [admin, user] = [await makeMember(own, 'admin'), await makeMember(own)]
  const { id } = user.account
  await editAccount(own, id, { role: 'user' }, admin.actor)
  expect(await endsOf(own, user.account)).toEqual([null])
  await editAccount(own, id, { role: 'admin' }, admin.actor)
  expect(await endsOf(own, user.account)).toEqual(['role_changed'])
  await enter(own, user.account)
  await editAccount(own, id, { role: 'user' }, admin.actor)
  expect(await endsOf(own, user.account)).toEqual(['role_changed', 'role_changed'])
  const by = { name: 'user.role.changed', actor: 'admin', actorId: admin.account.id }
  expect((await eventsOf(own, user.account)).slice(1)).toEqual([
    { ...by, details: { from: 'user', to: 'admin', ended: 1 } },
    { ...by, details: { from: 'admin', to: 'user', ended: 1 } },
  ])
})

test('what an admin does to an account stands in the audit, once for each change', async ({ own }) => {
  const [{ actor }, { account }] = [await makeMember(own, 'admin'), await makeMember(own)]
  const { id } = account
  await disableAccount(own, id, actor)
  await disableAccount(own, id, actor)
  await enableAccount(own, id, actor)
  await enableAccount(own, id, actor)
  await enter(own, account)
  await setPassword(own, id, 'another horse 43', actor)
  await enter(own, { ...account, password: 'another horse 43' })
  await enter(own, { ...account, password: 'another horse 43' })
  expect(await signOut(own, id, actor)).toBe(2)
  await deleteAccount(own, id, actor)
  expect((await eventsOf(own, account)).slice(1).map(({ name, details }) => [name, details])).toEqual([
    ['user.disabled', { ended: 1 }],
    ['user.enabled', null],
    ['user.password.set', { ended: 1 }],
    ['user.signed_out', { ended: 2 }],
    ['user.deleted', null],
  ])
})

test('a deleted account is gone, with its sessions, and its address is free', async ({ own }) => {
  const { account, refreshToken } = await makeMember(own)
  await deleteAccount(own, account.id, COMMAND)
  await expect(refresh(own, refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
  await expect(logIn(own, account)).rejects.toMatchObject({ code: 'invalid_credentials' })
  await expect(deleteAccount(own, account.id, COMMAND)).rejects.toMatchObject(NOT_FOUND)
  expect((await createAccount(own, account, COMMAND)).id).toBeGreaterThan(account.id)
})

test('there is nothing to do to an account that is not there', async ({ own }) => {
  for (const change of [disableAccount, enableAccount, signOut, deleteAccount]) {
    await expect(change(own, NOBODY, COMMAND)).rejects.toMatchObject(NOT_FOUND)
  }
})
