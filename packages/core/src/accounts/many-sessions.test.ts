import { adminTransaction } from '../admins/transaction.ts'
import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { makeMember, type Member, REQUEST, test as base } from '../testing/operators.ts'
import { expect, PASSWORD } from '../testing/test.ts'
import { deleteAccount, removeSessionsOver } from './delete.ts'
import { deleteOwnAccount } from './delete-own.ts'
import { showAccount } from './show.ts'
import { accountViewSql } from './view.ts'

const ENDED = 12_000
const RAN_OUT = 50

/** All are older than the session that there is. */
const FILL = statement(
  'test.fill-sessions',
  `insert into session (id, account_id, key_id, created_at, ends_by, selector_mac, token_mac, rotated_at, expires_at,
                        ended_at, end_reason)
   select gen_random_uuid(), account_id, key_id, at, at, sha256((account_id || ' ' || n)::bytea), '', at, at,
          case when n > ${RAN_OUT} then at end, case when n > ${RAN_OUT} then 'logged_out' end
     from session, generate_series(1, ${ENDED + RAN_OUT}) as n,
          lateral (select created_at - make_interval(secs => n) as at) as t
    where account_id = $1`,
)
const ANALYZE = statement('test.analyze', 'analyze session')
const COUNT = statement<{ count: number }>('test.count-sessions', 'select count(*) from session where account_id = $1')
const END_ALL = statement(
  'test.end-all',
  'update session set ended_at = rotated_at where account_id = $1 and ended_at is null',
)
const LOCK_OLDEST = statement(
  'test.lock-oldest',
  'select id from session where account_id = $1 order by created_at limit 1 for update',
)
const EXPLAIN = statement<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
  'test.explain-view',
  `explain (analyze, format json) ${accountViewSql('select * from account where id = $2')}`,
)

interface Plan {
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: Plan[]
}

/** How many rows of sessions a plan has read. */
function sessionsRead({ Plans = [], ...plan }: Plan): number {
  const each = plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)
  const here = plan['Relation Name'] === 'session' ? each * plan['Actual Loops'] : 0
  return Plans.reduce((sum, below) => sum + sessionsRead(below), here)
}

const test = base.extend('makeBusy', ({ own }) => async (role: 'user' | 'admin' = 'user'): Promise<Member> => {
  const member = await makeMember(own, role)
  await own.db.many(FILL, [member.account.id])
  await own.db.many(ANALYZE, [])
  return member
})

const count = async ({ db }: Core, { account }: Member) => (await db.one(COUNT, [account.id]))?.count

test('of the sessions that have ended an account is shown by a few', async ({ own, makeBusy, clock }) => {
  const { account } = await makeBusy()
  const seen = { lastSeenAt: clock.now() }
  expect(await showAccount(own, account.id)).toMatchObject({ ...seen, liveSessions: 1 })
  const explained = await own.db.one(EXPLAIN, [clock.now(), account.id])
  expect(explained && sessionsRead(explained['QUERY PLAN'][0].Plan)).toBeLessThan(2 * (RAN_OUT + 20))
  await own.db.many(END_ALL, [account.id])
  expect(await showAccount(own, account.id)).toMatchObject({ ...seen, liveSessions: 0 })
})

test('what is over is removed in batches, past what somebody else removes', async ({ own, makeBusy }) => {
  const member = await makeBusy()
  await own.db.transaction(async (transaction) => {
    await transaction.many(LOCK_OLDEST, [member.account.id])
    await removeSessionsOver(own, member.account.id)
    expect(await count(own, member)).toBe(2)
  })
  await removeSessionsOver(own, member.account.id)
  expect(await count(own, member)).toBe(1)
})

test('an account of many sessions is deleted with them, by an admin and by its owner', async ({ own, makeBusy }) => {
  const [first, second] = [await makeBusy(), await makeBusy()]
  await deleteAccount(own, first.account.id, COMMAND)
  await deleteOwnAccount(own, second.claims, { password: PASSWORD }, REQUEST)
  for (const gone of [first, second]) {
    expect(await count(own, gone)).toBe(0)
    await expect(showAccount(own, gone.account.id)).rejects.toMatchObject({ code: 'not_found' })
  }
})

test('a deletion that is refused removes no session', async ({ own, makeBusy }) => {
  const last = await makeBusy('admin')
  const before = await count(own, last)
  await expect(deleteAccount(own, last.account.id, COMMAND)).rejects.toMatchObject({ code: 'last_admin' })
  await expect(deleteOwnAccount(own, last.claims, { password: PASSWORD }, REQUEST)).rejects.toMatchObject({
    code: 'last_admin',
  })
  expect(await count(own, last)).toBe(before)
})

test('an owner who is no admin waits for none', async ({ own }) => {
  const { claims } = await makeMember(own)
  await adminTransaction(own, COMMAND, () => deleteOwnAccount(own, claims, { password: PASSWORD }, REQUEST))
})
