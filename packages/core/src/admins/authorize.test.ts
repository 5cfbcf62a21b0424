import { disableAccount } from '../accounts/disable.ts'
import { editAccount } from '../accounts/edit.ts'
import { COMMAND } from '../audit/origin.ts'
import { endSession } from '../sessions/end.ts'
import { makeMember, test } from '../testing/operators.ts'
import { expect } from '../testing/test.ts'
import { signOut } from '../accounts/sign-out.ts'
import { statement } from '../database/statement.ts'
import { requireAdmin } from './authorize.ts'
import { adminTransaction } from './transaction.ts'

const WAITING = statement<{ waiting: boolean }>(
  'test.waiting',
  `select exists (
     select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as waiting`,
)
const END = statement('test.end-session', 'update session set ended_at = rotated_at where id = $1')

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

test('an admin who logs out waits for the change that is under way', async ({ own }) => {
  const admin = await makeMember(own, 'admin')
  const order: string[] = []
  let ended: Promise<unknown> | undefined
  await adminTransaction(own, admin.actor, async () => {
    ended = endSession(own, admin.claims.sessionId, COMMAND).then(() => order.push('ended'))
    await expect.poll(async () => (await own.db.one(WAITING, []))?.waiting, { interval: 5 }).toBe(true)
    order.push('changed')
  })
  await ended
  expect(order).toEqual(['changed', 'ended'])
  await expect(signOut(own, admin.account.id, admin.actor)).rejects.toMatchObject(OVER)
})

test('a change that meets the logout of its admin waits for it, and is refused', async ({ own }) => {
  const [admin, user] = [await makeMember(own, 'admin'), await makeMember(own)]
  let outcome: Promise<PromiseSettledResult<unknown>[]> | undefined
  await own.db.transaction(async (transaction) => {
    await transaction.many(END, [admin.claims.sessionId])
    outcome = Promise.allSettled([signOut(own, user.account.id, admin.actor)])
    await expect.poll(async () => (await own.db.one(WAITING, []))?.waiting, { interval: 5 }).toBe(true)
  })
  expect(await outcome).toMatchObject([{ status: 'rejected', reason: OVER }])
})
