import { changePassword } from '../accounts/change-password.ts'
import { deleteAccount } from '../accounts/delete.ts'
import { deleteOwnAccount } from '../accounts/delete-own.ts'
import { disableAccount, enableAccount } from '../accounts/disable.ts'
import { editAccount } from '../accounts/edit.ts'
import { setPassword } from '../accounts/set-password.ts'
import { signOut } from '../accounts/sign-out.ts'
import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { makeMember, type Member, REQUEST, test } from '../testing/operators.ts'
import { expect, PASSWORD } from '../testing/test.ts'

const ACTIVE_ADMINS = statement<{ count: number }>(
  'test.active-admins',
  `select count(*) from account where role = 'admin' and active`,
)

const DELETE_ALL = statement('test.delete-all', 'delete from account')

/** Everything by which one admin can put another out of office. */
const REMOVALS = {
  demote: (core: Core, { account }: Member, by: Member) => editAccount(core, account.id, { role: 'user' }, by.actor),
  disable: (core: Core, { account }: Member, by: Member) => disableAccount(core, account.id, by.actor),
  /** An own account is deleted by its password only: `resign`. */
  delete: (core: Core, { account }: Member, by: Member) =>
    deleteAccount(core, account.id, by.account.id === account.id ? COMMAND : by.actor),
  resign: (core: Core, { claims }: Member) => deleteOwnAccount(core, claims, { password: PASSWORD }, REQUEST),
}

const [LAST, OVER] = [{ code: 'last_admin' }, { code: 'invalid_token' }]

test.for(Object.entries(REMOVALS))('the last active admin stays one: %s', async ([, remove], { own }) => {
  const [admin, disabled] = [await makeMember(own, 'admin'), await makeMember(own, 'admin')]
  await disableAccount(own, disabled.account.id, admin.actor)
  await expect(remove(own, admin, admin)).rejects.toMatchObject(LAST)
  await expect(remove(own, admin, { ...admin, actor: COMMAND })).rejects.toMatchObject(LAST)
  await enableAccount(own, disabled.account.id, admin.actor)
  await remove(own, admin, admin)
  expect(await own.db.one(ACTIVE_ADMINS, [])).toEqual({ count: 1 })
})

test.for(Object.entries(REMOVALS))(
  'of two admins who put each other out of office at once one remains: %s',
  async ([, remove], { createInstance, migratedDatabase }) => {
    const databaseUrl = await migratedDatabase()
    const [one, other] = [await createInstance({ databaseUrl }), await createInstance({ databaseUrl })]
    for (let round = 0; round < 10; round++) {
      const [a, b] = [await makeMember(one, 'admin'), await makeMember(other, 'admin')]
      const outcomes = await Promise.allSettled([remove(one, b, a), remove(other, a, b)])
      const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
      expect(errors).toEqual([expect.stringMatching(/^(last_admin|invalid_token)$/)])
      expect(await one.db.one(ACTIVE_ADMINS, [])).toEqual({ count: 1 })
      await one.db.many(DELETE_ALL, [])
    }
  },
)

test('all ways at once leave one admin', async ({ own }) => {
  const removals = Object.values(REMOVALS)
  const admins = await Promise.all(removals.map(() => makeMember(own, 'admin')))
  const outcomes = await Promise.allSettled(
    removals.map((remove, i) => remove(own, admins[i] as Member, admins[(i + 1) % admins.length] as Member)),
  )
  expect(outcomes.some((outcome) => outcome.status === 'rejected')).toBe(true)
  expect((await own.db.one(ACTIVE_ADMINS, []))?.count).toBeGreaterThan(0)
})

test('an admin who was demoted a moment ago changes nothing more', async ({ own }) => {
  const [admin, demoted, user] = [await makeMember(own, 'admin'), await makeMember(own, 'admin'), await makeMember(own)]
  await editAccount(own, demoted.account.id, { role: 'user' }, admin.actor)
  const { id } = user.account
  for (const change of [
    () => editAccount(own, id, { username: 'x' }, demoted.actor),
    () => disableAccount(own, id, demoted.actor),
    () => enableAccount(own, id, demoted.actor),
    () => setPassword(own, id, 'another horse 43', demoted.actor),
    () => signOut(own, id, demoted.actor),
    () => deleteAccount(own, id, demoted.actor),
  ]) {
    await expect(change()).rejects.toMatchObject(OVER)
  }
  const change = { oldPassword: PASSWORD, newPassword: 'another horse 43' }
  await expect(changePassword(own, demoted.claims, change, REQUEST)).rejects.toMatchObject(OVER)
})
