import { randomUUID } from 'node:crypto'
import { COMMAND } from '../audit/origin.ts'
import { statement } from '../database/statement.ts'
import { endsOf, enter, eventsOf, makeMember, REQUEST, test } from '../testing/operators.ts'
import { expect } from '../testing/test.ts'
import { endOtherSessions, endOwnSession, endSession } from './end.ts'
import { listOwnSessions } from './list.ts'
import { logout } from './logout.ts'
import { refresh } from './refresh.ts'

const LIVE = statement<{ count: number }>(
  'test.live-count',
  'select count(*) from session where account_id = $1 and ended_at is null',
)

const [NOT_FOUND, OVER] = [{ code: 'not_found' }, { code: 'invalid_token' }]
const ENDED = { code: 'invalid_refresh_token' }

test('an admin ends one session of anybody, once', async ({ core, clock }) => {
  const [admin, user] = [await makeMember(core, 'admin'), await makeMember(core)]
  const other = await enter(core, user.account)
  await endSession(core, user.claims.sessionId, admin.actor)
  await expect(refresh(core, user.refreshToken)).rejects.toMatchObject(ENDED)
  const { refreshToken } = await refresh(core, other.refreshToken)
  expect((await eventsOf(core, user.account)).slice(1)).toEqual([
    { name: 'session.ended', actor: 'admin', actorId: admin.account.id, details: null },
  ])
  for (const id of [user.claims.sessionId, randomUUID()]) {
    await expect(endSession(core, id, COMMAND)).rejects.toMatchObject(NOT_FOUND)
  }
  clock.advance(core.settings.current().REFRESH_TOKEN_LIFETIME)
  await expect(endSession(core, other.claims.sessionId, COMMAND)).rejects.toMatchObject(NOT_FOUND)
  await expect(refresh(core, refreshToken)).rejects.toMatchObject(ENDED)
})

test('an owner ends one session of the own, this one too, and none of others', async ({ core }) => {
  const [one, stranger] = [await makeMember(core), await makeMember(core)]
  const [two, three] = [await enter(core, one.account), await enter(core, one.account)]
  await endOwnSession(core, one.claims, two.claims.sessionId, REQUEST)
  await expect(refresh(core, two.refreshToken)).rejects.toMatchObject(ENDED)
  for (const { claims } of [two, stranger]) {
    await expect(endOwnSession(core, one.claims, claims.sessionId, REQUEST)).rejects.toMatchObject(NOT_FOUND)
  }
  await endOwnSession(core, one.claims, one.claims.sessionId, REQUEST)
  await expect(endOwnSession(core, one.claims, three.claims.sessionId, REQUEST)).rejects.toMatchObject(OVER)
  expect(await refresh(core, stranger.refreshToken)).toBeTruthy()
  expect(await refresh(core, three.refreshToken)).toBeTruthy()
  const ends = await endsOf(core, one.account)
  expect(ends.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
    'ended_by_owner',
    'ended_by_owner',
    null,
  ])
})

test('an owner ends all other sessions', async ({ core }) => {
  const one = await makeMember(core)
  const others = [await enter(core, one.account), await enter(core, one.account)]
  await logout(core, (await enter(core, one.account)).refreshToken)
  expect(await endOtherSessions(core, one.claims, REQUEST)).toBe(2)
  expect(await endOtherSessions(core, one.claims, REQUEST)).toBe(0)
  for (const { refreshToken, claims } of others) {
    await expect(refresh(core, refreshToken)).rejects.toMatchObject(ENDED)
    await expect(endOtherSessions(core, claims, REQUEST)).rejects.toMatchObject(OVER)
  }
  expect(await refresh(core, one.refreshToken)).toBeTruthy()
  const event = (await eventsOf(core, one.account)).find(({ name }) => name === 'user.signed_out')
  expect(event).toMatchObject({ actor: 'owner', details: { ended: 2 } })
})

test('the list of the own has what lives, and marks the session that asks', async ({ core, clock }) => {
  const one = await makeMember(core)
  clock.advance(1)
  const [two, out] = [await enter(core, one.account), await enter(core, one.account)]
  await logout(core, out.refreshToken)
  await refresh(core, one.refreshToken, { ...REQUEST, address: '192.0.2.8' })
  const listed = await listOwnSessions(core, one.claims)
  expect(listed.map(({ id, current }) => [id, current])).toEqual([
    [two.claims.sessionId, false],
    [one.claims.sessionId, true],
  ])
  expect(listed[1]).toMatchObject({ generation: 1, lastAddress: '192.0.2.8', email: one.account.email, endedAt: null })
  expect(listed[1]?.lastUsedAt).toEqual(clock.now())
  await expect(listOwnSessions(core, out.claims)).rejects.toMatchObject(OVER)
})

test('sessions that end each other at once: one is left, and nobody waits for ever', async ({ core }) => {
  for (let round = 0; round < 10; round++) {
    const one = await makeMember(core)
    const members = [one, await enter(core, one.account), await enter(core, one.account)]
    const outcomes = await Promise.allSettled(members.map(({ claims }) => endOtherSessions(core, claims, REQUEST)))
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    expect(errors).toEqual(Array(2).fill(expect.objectContaining(OVER)))
    expect(await core.db.one(LIVE, [one.account.id])).toEqual({ count: 1 })
  }
})
