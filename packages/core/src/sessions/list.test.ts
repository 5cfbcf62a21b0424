import { statement } from '../database/statement.ts'
import { signOut } from '../accounts/sign-out.ts'
import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { enter, makeMember, test } from '../testing/operators.ts'
import { expect } from '../testing/test.ts'
import { listSessions, type SessionFilter } from './list.ts'
import { refresh } from './refresh.ts'

/** Some at the very same microsecond, others between two milliseconds. */
const SCATTER = statement(
  'test.scatter',
  `update session as s set created_at = s.created_at + make_interval(secs => (n.number / 3) * 0.000001)
     from (select id, row_number() over (order by id) as number from session) as n where n.id = s.id`,
)
const IN_ORDER = statement<{ id: string }>('test.in-order', 'select id from session order by created_at desc, id desc')

const byText = (a: string, b: string) => (a < b ? -1 : 1)

async function idsOfAllPages(core: Core, filter: SessionFilter): Promise<string[]> {
  const ids: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await listSessions(core, { ...filter, cursor })
    ids.push(...page.items.map(({ id }) => id))
    expect(page.items.length).toBeLessThanOrEqual(filter.limit ?? 50)
    if (page.next === undefined) return ids
    cursor = page.next
  }
}

test('pages show every session once, the newest first, also those of one microsecond', async ({ own }) => {
  const { account } = await makeMember(own)
  for (let i = 0; i < 12; i++) await enter(own, account)
  await own.db.many(SCATTER, [])
  const inOrder = (await own.db.many(IN_ORDER, [])).map(({ id }) => id)
  for (const limit of [1, 2, 13, 200]) expect(await idsOfAllPages(own, { limit })).toEqual(inOrder)
  expect(await idsOfAllPages(own, { limit: 5, accountId: account.id })).toEqual(inOrder)
})

test('by account and state', async ({ own, clock }) => {
  const [replayed, out, expired] = [await makeMember(own), await makeMember(own), await makeMember(own)]
  const again = replayed.refreshToken
  await refresh(own, again)
  clock.advance(100)
  await expect(refresh(own, again)).rejects.toThrow()
  await signOut(own, out.account.id, COMMAND)
  clock.advance(own.settings.current().REFRESH_TOKEN_LIFETIME)
  const fresh = await enter(own, out.account)
  const idsOf = async (filter: SessionFilter) =>
    (await listSessions(own, filter)).items.map(({ id }) => id).toSorted(byText)
  const [r = '', o = '', e = '', f = ''] = [replayed, out, expired, fresh].map(({ claims }) => claims.sessionId)
  expect(await idsOf({})).toEqual([r, o, e, f].toSorted(byText))
  expect(await idsOf({ state: 'live' })).toEqual([f])
  expect(await idsOf({ state: 'ended' })).toEqual([r, o].toSorted(byText))
  expect(await idsOf({ state: 'replayed' })).toEqual([r])
  expect(await idsOf({ accountId: out.account.id })).toEqual([o, f].toSorted(byText))
  expect(await idsOf({ accountId: out.account.id, state: 'ended' })).toEqual([o])
  expect(await idsOf({ accountId: expired.account.id, state: 'replayed' })).toEqual([])
  // It just ran out: in no state, but in the list of all.
  expect(await idsOf({ accountId: expired.account.id })).toEqual([e])
  for (const state of ['live', 'ended'] as const) {
    expect(await idsOf({ accountId: expired.account.id, state })).toEqual([])
  }
})

test('shows nothing by which a token could be found or made', async ({ own }) => {
  const { account, claims } = await makeMember(own)
  const { items } = await listSessions(own, {})
  expect(items).toEqual([
    {
      id: claims.sessionId,
      accountId: account.id,
      email: account.email,
      createdAt: own.clock.now(),
      lastUsedAt: own.clock.now(),
      expiresAt: expect.any(Date),
      endsBy: expect.any(Date),
      endedAt: null,
      endReason: null,
      address: null,
      lastAddress: null,
      userAgent: null,
      generation: 0,
      converged: 0,
    },
  ])
})

test('a cursor that nobody gave out is refused', async ({ core }) => {
  for (const cursor of ['x', Buffer.from('["2026-01-01T00:00:00.000000Z","7"]').toString('base64url')]) {
    await expect(listSessions(core, { cursor })).rejects.toMatchObject({
      code: 'invalid_input',
      fields: [{ path: ['cursor'] }],
    })
  }
})
