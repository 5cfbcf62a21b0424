import { NO_ORIGIN } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { NOBODY } from '../observer.ts'
import { reseal, test } from '../testing/secrets.ts'
import { expect } from '../testing/test.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { refresh } from './refresh.ts'
import { countSessionsUnderOtherKeys } from './under-other-keys.ts'

const REFUSED = { code: 'invalid_refresh_token' }

const KEY_IDS = statement<{ keyId: number }>(
  'test.key-ids',
  'select key_id as "keyId" from session order by created_at',
)
const ENDED = statement<{ reason: string | null }>(
  'test.ended',
  'select end_reason as reason from session order by created_at desc limit 1',
)

const refreshed = async (core: Core, token: string, retryKey?: string) =>
  (await refresh(core, token, NO_ORIGIN, retryKey)).refreshToken
const keyIds = async (core: Core) => (await core.db.many(KEY_IDS, [])).map(({ keyId }) => keyId)
const reasonOf = async (core: Core) => (await core.db.one(ENDED, []))?.reason

test('until the keys are resealed, nothing is made that an instance with the old secret does not know', async ({
  old,
  both,
  account,
}) => {
  const { refreshToken: first } = await login(both, account)
  const second = await refreshed(old, first)
  const third = await refreshed(both, second)
  expect(await refreshed(old, second), 'within the grace').toBe(third)
  const fourth = await refreshed(old, third)
  await logout(both, fourth)
  expect(await keyIds(both)).toEqual([old.keys.id])
  expect(await countSessionsUnderOtherKeys(old)).toBe(0)
})

test('after that a session moves with its next refresh, and new ones are made under the new secret', async ({
  old,
  both,
  createNew,
  account,
}) => {
  const { refreshToken: first } = await login(old, account)
  const { refreshToken: idle } = await login(old, account)
  expect(await countSessionsUnderOtherKeys(both)).toBe(2)
  expect(await reseal(both)).toBeGreaterThan(0)
  const second = await refreshed(both, first)
  await login(both, account)
  expect((await keyIds(both)).filter((id) => id === both.keys.id)).toHaveLength(2)
  expect(await countSessionsUnderOtherKeys(both)).toBe(1)
  const later = await createNew()
  expect(await refreshed(later, await refreshed(later, second))).toBeTruthy()
  await expect(refresh(later, idle), 'its secret was taken away').rejects.toMatchObject(REFUSED)
  expect(await countSessionsUnderOtherKeys(later)).toBe(1)
  await logout(both, idle)
  expect(await countSessionsUnderOtherKeys(later)).toBe(0)
})

test('an instance that knows the old secret only does not find what has moved: that is why all get both first', async ({
  old,
  both,
  account,
}) => {
  const { refreshToken: first } = await login(old, account)
  await reseal(both)
  const second = await refreshed(both, first)
  await expect(refresh(old, second)).rejects.toMatchObject(REFUSED)
  expect(await refreshed(both, second), 'the session was not ended for it').toBeTruthy()
})

test('who presents the parent of a session that moved gets the same successor, from whoever knows the new secret', async ({
  old,
  both,
  createBoth,
  createNew,
  account,
  clock,
}) => {
  const { refreshToken: parent } = await login(old, account)
  await reseal(both)
  const child = await refreshed(both, parent, 'a key')
  const others = [both, await createBoth(), await createNew()]
  for (const instance of others) expect(await refreshed(instance, parent)).toBe(child)
  clock.advance(200)
  for (const instance of others) expect(await refreshed(instance, parent, 'a key')).toBe(child)
  await expect(refresh(both, parent)).rejects.toMatchObject(REFUSED)
  expect(await reasonOf(both)).toBe('replayed')
})

test('what an instance with the old secret rotated is made again under that, and moves with its next rotation', async ({
  old,
  both,
  account,
  clock,
}) => {
  const { refreshToken: parent } = await login(old, account)
  const child = await refreshed(old, parent, 'a key')
  await reseal(both)
  expect(await refreshed(both, parent)).toBe(child)
  clock.advance(200)
  expect(await refreshed(both, parent, 'a key')).toBe(child)
  expect(await keyIds(both)).toEqual([old.keys.id])
  await refreshed(both, child)
  expect(await keyIds(both)).toEqual([both.keys.id])
})

test('of a session that moved, the grandparent of before is late within its grace, and a replay after it', async ({
  old,
  both,
  account,
  clock,
}) => {
  const { refreshToken: grandparent } = await login(old, account)
  const parent = await refreshed(old, grandparent)
  await reseal(both)
  clock.advance(1)
  const child = await refreshed(both, parent)
  await expect(refresh(both, grandparent)).rejects.toMatchObject(REFUSED)
  const grandchild = await refreshed(both, child)
  await expect(refresh(both, grandparent)).rejects.toMatchObject(REFUSED)
  expect(await reasonOf(both)).toBe('replayed')
  await expect(refresh(both, grandchild)).rejects.toMatchObject(REFUSED)
})

test('an old token of a session that has not moved ends it, and is in the audit once', async ({
  old,
  both,
  account,
  clock,
}) => {
  const { refreshToken: parent } = await login(old, account)
  const child = await refreshed(old, parent, 'a key')
  await reseal(both)
  clock.advance(10)
  await expect(refresh(both, parent, NO_ORIGIN, 'another key')).rejects.toMatchObject(REFUSED)
  expect(await reasonOf(both)).toBe('replayed')
  await expect(refresh(both, child)).rejects.toMatchObject(REFUSED)
  const replays = statement('test.replayed', `select from audit_event where name = 'session.replayed'`)
  expect(await both.db.many(replays, [])).toHaveLength(1)
})

test('a logout takes any token of a session, whether it has moved or not', async ({ old, both, account }) => {
  const { refreshToken: moved } = await login(old, account)
  const second = await refreshed(old, moved)
  const { refreshToken: left } = await login(old, account)
  await reseal(both)
  await refreshed(both, await refreshed(both, second))
  for (const token of [moved, left]) {
    await logout(both, token)
    expect(await logout(both, token).catch((error: unknown) => error)).toMatchObject(REFUSED)
  }
  expect(await countSessionsUnderOtherKeys(old)).toBe(0)
})

test('of 16 who race on two instances, of which one has not heard of the resealing, all get one successor', async ({
  old,
  both,
  createBoth,
  account,
}) => {
  const behind = await createBoth()
  let current = (await login(old, account)).refreshToken
  await reseal(both)
  expect([both, behind].map(({ keysInForce }) => keysInForce().id)).toEqual([both.keys.id, old.keys.id])
  for (let generation = 0; generation < 30; generation++) {
    const racers = Array.from({ length: 16 }, (_, i) => refreshed(i % 2 === 0 ? both : behind, current))
    const successors = new Set(await Promise.all(racers))
    expect(successors.size).toBe(1)
    ;[current = ''] = successors
  }
})

test('a logout wins against refreshes that move its session', async ({ old, both, createBoth, account }) => {
  const behind = await createBoth()
  await reseal(both)
  for (let round = 0; round < 10; round++) {
    const { refreshToken: token } = await login(old, account)
    const refreshes = [both, behind, both, behind].map((instance) => refreshed(instance, token).catch(() => token))
    await Promise.all([logout(round % 2 === 0 ? both : behind, token), ...refreshes])
    for (const given of await Promise.all(refreshes)) {
      await expect(refresh(both, given)).rejects.toMatchObject(REFUSED)
    }
    expect(await reasonOf(both)).toBe('logged_out')
  }
})

test('with two secrets a refresh is one statement, and two once in the life of a session', async ({
  old,
  createBoth,
  account,
}) => {
  const ran: string[] = []
  const both = await createBoth({ observer: { ...NOBODY, statement: (name) => void ran.push(name) } })
  let { refreshToken } = await login(old, account)
  await reseal(both)
  const statementsOfRefresh = async () => {
    ran.length = 0
    refreshToken = await refreshed(both, refreshToken)
    return [...ran]
  }
  expect(await statementsOfRefresh()).toEqual(['session.rotate', 'session.swap-either'])
  for (let i = 0; i < 3; i++) expect(await statementsOfRefresh()).toEqual(['session.rotate'])
})
