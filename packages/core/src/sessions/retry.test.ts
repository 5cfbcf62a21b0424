import { decodeJwt } from 'jose'
import { NO_ORIGIN } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { NOBODY } from '../observer.ts'
import { expect, test } from '../testing/test.ts'
import { refresh } from './refresh.ts'

const REFUSED = { code: 'invalid_refresh_token' }
/** Seconds after a rotation in which its key still fetches the successor, and those of the grace. */
const RETRY = 300
const GRACE = 10

const ROW = statement<{ generation: number; converged: number; endReason: string | null }>(
  'test.session-of-retry',
  `select generation, converged, end_reason as "endReason" from session where id = $1`,
)
const rowOf = (core: Core, { accessToken }: { accessToken: string }) =>
  core.db.one(ROW, [String(decodeJwt(accessToken).sid)])

const refreshWith = (core: Core, token: string, retryKey?: string) => refresh(core, token, NO_ORIGIN, retryKey)

test('after the grace the key of a rotation fetches the same successor, and a fresh access token', async ({
  core,
  login,
  clock,
}) => {
  const first = await login()
  const child = await refreshWith(core, first.refreshToken, 'a key')
  clock.advance(RETRY - 1)
  const again = await refreshWith(core, first.refreshToken, 'a key')
  expect(again.refreshToken).toBe(child.refreshToken)
  expect(decodeJwt(again.accessToken).iat).toBe(clock.now().getTime() / 1000)
  expect(await rowOf(core, first)).toEqual({ generation: 1, converged: 1, endReason: null })
  await expect(refreshWith(core, child.refreshToken)).resolves.toBeDefined()
})

/** What comes with the parent after the grace, and with what its rotation was asked for. */
const REPLAYS = [
  ['another key', 'a key', 'another key'],
  ['the key in another letter case', 'a key', 'A key'],
  ['no key', 'a key', undefined],
  ['a key, of a rotation that had none', undefined, 'a key'],
] as const

test.for(REPLAYS)('after the grace %s is a replay', async ([, key, later], { core, login, clock }) => {
  const first = await login()
  const { refreshToken: child } = await refreshWith(core, first.refreshToken, key)
  clock.advance(GRACE)
  await expect(refreshWith(core, first.refreshToken, later)).rejects.toMatchObject(REFUSED)
  await expect(refreshWith(core, child)).rejects.toMatchObject(REFUSED)
  expect(await rowOf(core, first)).toMatchObject({ endReason: 'replayed' })
})

test('five minutes after the rotation the key is a replay, too', async ({ core, login, clock }) => {
  const first = await login()
  await refreshWith(core, first.refreshToken, 'a key')
  clock.advance(RETRY)
  await expect(refreshWith(core, first.refreshToken, 'a key')).rejects.toMatchObject(REFUSED)
  expect(await rowOf(core, first)).toEqual({ generation: 1, converged: 0, endReason: 'replayed' })
})

test('once the successor was used the key is worth nothing', async ({ core, login, clock }) => {
  const first = await login()
  const { refreshToken: child } = await refreshWith(core, first.refreshToken, 'a key')
  clock.advance(GRACE)
  // The same key once more, which belongs to another exchange now.
  await refreshWith(core, child, 'a key')
  await expect(refreshWith(core, first.refreshToken, 'a key')).rejects.toMatchObject(REFUSED)
  expect(await rowOf(core, first)).toMatchObject({ generation: 2, endReason: 'replayed' })
})

test('within the grace any key fetches the successor, and none does', async ({ core, login, clock }) => {
  const { refreshToken: parent } = await login()
  const { refreshToken: child } = await refreshWith(core, parent, 'a key')
  clock.advance(GRACE - 1)
  for (const key of ['a key', 'another key', undefined]) {
    expect((await refreshWith(core, parent, key)).refreshToken).toBe(child)
  }
})

test('a retry does not begin the five minutes anew', async ({ core, login, clock }) => {
  const { refreshToken: parent } = await login()
  await refreshWith(core, parent, 'a key')
  clock.advance(RETRY - 1)
  await refreshWith(core, parent, 'a key')
  clock.advance(1)
  await expect(refreshWith(core, parent, 'a key')).rejects.toMatchObject(REFUSED)
})

test('a grandparent with its key is late as any other', async ({ core, login, clock }) => {
  const { refreshToken: grandparent } = await login()
  const { refreshToken: parent } = await refreshWith(core, grandparent, 'first')
  clock.advance(1)
  const { refreshToken: child } = await refreshWith(core, parent, 'second')
  await expect(refreshWith(core, grandparent, 'first')).rejects.toMatchObject(REFUSED)
  await expect(refreshWith(core, child)).resolves.toBeDefined()
})

test('of 16 who try again at once with the key, on two instances, all get the same successor', async ({
  core,
  createInstance,
  login,
  clock,
}) => {
  const instances = [core, await createInstance()]
  const first = await login()
  const race = async () => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) => refreshWith(instances[i % 2] ?? core, first.refreshToken, 'a key')),
    )
    return new Set(answers.map(({ refreshToken }) => refreshToken))
  }
  const [child = '', ...others] = await race()
  expect(others).toEqual([])
  expect(await rowOf(core, first)).toEqual({ generation: 1, converged: 15, endReason: null })
  clock.advance(RETRY - 1)
  expect(await race()).toEqual(new Set([child]))
  expect(await rowOf(core, first)).toEqual({ generation: 1, converged: 31, endReason: null })
})

test('of two keys that race for one parent, one may fetch the successor after the grace', async ({
  core,
  createInstance,
  login,
  clock,
}) => {
  const instances = [core, await createInstance()]
  const keys = ['one', 'other']
  for (let round = 0; round < 10; round++) {
    const first = await login()
    const tries = Array.from({ length: 16 }, (_, i) =>
      refreshWith(instances[i % 2] ?? core, first.refreshToken, keys[i % 2]),
    )
    const successors = new Set((await Promise.all(tries)).map(({ refreshToken }) => refreshToken))
    expect(successors.size).toBe(1)
    clock.advance(GRACE)
    const fetched = await Promise.allSettled(keys.map((key) => refreshWith(core, first.refreshToken, key)))
    // Whichever comes first: the other one ends the session.
    const good = fetched.flatMap((each) => (each.status === 'fulfilled' ? [each.value.refreshToken] : []))
    expect(good.length).toBeLessThanOrEqual(1)
    expect(good.every((token) => successors.has(token))).toBe(true)
    expect(await rowOf(core, first)).toMatchObject({ generation: 1, endReason: 'replayed' })
  }
})

test('what is told of a refresh says who rotated, and who only fetched', async ({ createInstance, login, clock }) => {
  const told: string[] = []
  const core = await createInstance({ observer: { ...NOBODY, refreshed: (outcome) => void told.push(outcome) } })
  const { refreshToken: parent } = await login()
  await Promise.all([1, 2, 3].map(() => refreshWith(core, parent, 'a key')))
  clock.advance(GRACE)
  await refreshWith(core, parent, 'a key')
  expect(told.toSorted()).toEqual(['converged', 'converged', 'converged', 'rotated'])
})
