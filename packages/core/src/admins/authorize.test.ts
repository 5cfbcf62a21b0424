import { disableAccount } from '../accounts/disable.ts'
import { editAccount } from '../accounts/edit.ts'
import { COMMAND } from '../audit/origin.ts'
import { endSession } from '../sessions/end.ts'
import { makeMember, test } from '../testing/operators.ts'
import { expect } from '../testing/test.ts'
import { requireAdmin } from './authorize.ts'

const OVER = { code: 'invalid_token' }

test('lets an admin pass and nobody else', async ({ own }) => {
  const [admin, user] = [await makeMember(own, 'admin'), await makeMember(own)]
  const { accountId, sessionId } = admin.claims
  expect(await requireAdmin(own.db, own, admin.claims)).toEqual({ accountId, sessionId, email: admin.account.email })
  await expect(requireAdmin(own.db, own, user.claims)).rejects.toMatchObject({ code: 'admin_required' })
  const mixed = { ...user.claims, accountId }
  await expect(requireAdmin(own.db, own, mixed)).rejects.toMatchObject(OVER)
})

test('an admin is out at once: demoted, disabled, signed out or run out', async ({ own, clock }) => {
  const [first, demoted, disabled, ended] = await Promise.all(Array.from({ length: 4 }, () => makeMember(own, 'admin')))
  if (!first || !demoted || !disabled || !ended) throw new Error('no admins')
  await editAccount(own, demoted.account.id, { role: 'user' }, COMMAND)
  await disableAccount(own, disabled.account.id, COMMAND)
  await endSession(own, ended.claims.sessionId, COMMAND)
  for (const { claims } of [demoted, disabled, ended]) {
    await expect(requireAdmin(own.db, own, claims)).rejects.toMatchObject(OVER)
  }
  clock.advance(12 * 3600)
  await expect(requireAdmin(own.db, own, first.claims)).rejects.toMatchObject(OVER)
})
