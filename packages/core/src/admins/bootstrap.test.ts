import { changePassword } from '../accounts/change-password.ts'
import { showAccount } from '../accounts/show.ts'
import { COMMAND, NO_ORIGIN } from '../audit/origin.ts'
import { createAccount } from '../accounts/create.ts'
import { enter, eventsOf, test } from '../testing/operators.ts'
import { expect, PASSWORD } from '../testing/test.ts'
import { requireAdmin } from './authorize.ts'
import { bootstrapAdmin } from './bootstrap.ts'

const FIRST = { email: 'Admin@example.com', password: PASSWORD }

test('makes an admin who is nothing before the password has been changed', async ({ own }) => {
  expect(await bootstrapAdmin(own, FIRST)).toBe('created')
  const { id, role, passwordChangeRequired } = await showAccount(own, FIRST)
  expect({ role, passwordChangeRequired }).toEqual({ role: 'admin', passwordChangeRequired: true })
  const { claims } = await enter(own, { id, ...FIRST })
  const required = { code: 'password_change_required' }
  await expect(requireAdmin(own.db, own, claims)).rejects.toMatchObject(required)

  const same = { oldPassword: PASSWORD, newPassword: PASSWORD }
  await expect(changePassword(own, claims, same, NO_ORIGIN)).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(requireAdmin(own.db, own, claims)).rejects.toMatchObject(required)
  await changePassword(own, claims, { oldPassword: PASSWORD, newPassword: 'my own horse 43' }, NO_ORIGIN)
  expect(await requireAdmin(own.db, own, claims)).toMatchObject({ accountId: id })
  expect(await eventsOf(own, { id })).toMatchObject([
    { name: 'user.created', actor: 'system', details: { by: 'environment' } },
    { name: 'user.password.changed' },
  ])
})

test('a later start does nothing, whatever the environment says then', async ({ own }) => {
  expect(await bootstrapAdmin(own, FIRST)).toBe('created')
  expect(await bootstrapAdmin(own, { email: 'other@example.com', password: 'x' })).toBe('admin_exists')
})

test('an account that is there is not made an admin by it', async ({ own }) => {
  await createAccount(own, FIRST, COMMAND)
  expect(await bootstrapAdmin(own, FIRST)).toBe('email_taken')
  expect(await showAccount(own, FIRST)).toMatchObject({ role: 'user' })
})

test('there is no admin with a password against the policy', async ({ createInstance, migratedDatabase }) => {
  const strict = await createInstance({ databaseUrl: await migratedDatabase(), production: true })
  await expect(bootstrapAdmin(strict, { ...FIRST, password: 'admin' })).rejects.toMatchObject({ code: 'invalid_input' })
})

test('of instances that start at once one makes the admin', async ({ createInstance, migratedDatabase }) => {
  const databaseUrl = await migratedDatabase()
  const instances = await Promise.all([1, 2, 3].map(() => createInstance({ databaseUrl })))
  const outcomes = await Promise.all(
    instances.map((core, i) => bootstrapAdmin(core, { ...FIRST, email: `a${i}@b.example` })),
  )
  expect(outcomes.toSorted()).toEqual(['admin_exists', 'admin_exists', 'created'])
})
