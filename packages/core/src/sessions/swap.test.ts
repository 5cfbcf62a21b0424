import * as fc from 'fast-check'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { expect, test } from '../testing/test.ts'
import { logout } from './logout.ts'
import { refresh } from './refresh.ts'

const LOCK = statement('test.lock-session', 'select from session where selector_mac = $1 for update')
const GENERATIONS = statement<{ generation: number; ended: boolean }>(
  'test.generation',
  'select generation, ended_at is not null as ended from session where selector_mac = $1',
)

test('a session that somebody holds does not hold up the others', async ({ core, createInstance, login }) => {
  const other = await createInstance()
  const [held, ...free] = await Promise.all(Array.from({ length: 9 }, async () => (await login()).refreshToken))
  const released = Promise.withResolvers<void>()
  const locked = Promise.withResolvers<void>()
  const holding = other.db.transaction(async (transaction) => {
    await transaction.many(LOCK, [core.refreshTokens.parse(held ?? '').selectorMac])
    locked.resolve()
    await released.promise
  })
  await locked.promise
  const waiting = refresh(core, held ?? '')
  const began = performance.now()
  await Promise.all(free.map((token) => refresh(core, token)))
  // Half of the time that a statement alone would wait for the row.
  expect(performance.now() - began).toBeLessThan(500)
  released.resolve()
  await holding
  await expect(waiting).resolves.toHaveProperty('refreshToken')
})

test('of 20 who present one token at once, on two instances, all get the same successor', async ({
  core,
  createInstance,
  login,
}) => {
  const other = await createInstance()
  const { refreshToken } = await login()
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => refresh(i % 2 === 0 ? core : other, refreshToken)),
  )
  expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1)
})

/** What becomes of one session in a batch of many. */
const ACTS = ['refresh', 'refresh twice', 'replay', 'log out'] as const

test('whatever else is in a batch, each session gets what is its own', { timeout: 60_000 }, async ({
  core,
  createInstance,
  login,
  makeAccount,
  clock,
}) => {
  const other = await createInstance()
  const account = await makeAccount()
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...ACTS), { minLength: 2, maxLength: 20 }), async (acts) => {
      const sessions = await Promise.all(
        acts.map(async (act, i) => {
          const { refreshToken: first } = await login(account)
          const { refreshToken: token } = await refresh(core, first)
          return { act, first, token, instance: i % 2 === 0 ? core : other }
        }),
      )
      // From now on the first tokens are old ones.
      clock.advance(11)
      const outcomes = await Promise.all(
        sessions.map(async ({ act, first, token, instance }) => {
          if (act === 'log out') return await logout(instance, token).then(() => 'out')
          if (act === 'replay') return await refresh(instance, first).catch(codeOf)
          const tabs = act === 'refresh' ? [instance] : [core, other]
          const pairs = await Promise.all(tabs.map((tab) => refresh(tab, token)))
          return new Set(pairs.map(({ refreshToken }) => refreshToken)).size
        }),
      )
      const expected = { refresh: 1, 'refresh twice': 1, replay: 'invalid_refresh_token', 'log out': 'out' }
      expect(outcomes).toEqual(acts.map((act) => expected[act]))
      for (const { act, token } of sessions) {
        const row = await core.db.one(GENERATIONS, [core.refreshTokens.parse(token).selectorMac])
        const goesOn = act === 'refresh' || act === 'refresh twice'
        expect(row).toEqual({ generation: goesOn ? 2 : 1, ended: !goesOn })
      }
    }),
    { numRuns: 15 },
  )
})

const codeOf = (error: unknown) => (error instanceof LatchkeyError ? error.code : error)
