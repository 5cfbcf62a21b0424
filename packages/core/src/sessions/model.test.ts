import { randomUUID } from 'node:crypto'
import * as fc from 'fast-check'
import { disableAccount, enableAccount } from '../accounts/disable.ts'
import { register } from '../accounts/register.ts'
import { COMMAND, NO_ORIGIN } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { LatchkeyError } from '../errors.ts'
import { reseal, test as secretsTest } from '../testing/secrets.ts'
import { type TestAccount, type TestClock, expect, PASSWORD, test } from '../testing/test.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { refresh } from './refresh.ts'

const GRACE = 10
const RETRY = 300
const LIFETIME = 30 * 86_400

/** What a session ought to be: its tokens in order, and when each was rotated. Knows nothing of MACs or SQL. */
interface Model {
  /** The tokens given out; the last is the current one. */
  tokens: string[]
  /** When the token of the same index was made, in seconds. */
  madeAt: number[]
  /** The retry key with which the token of the same index was asked for. */
  keys: (string | undefined)[]
  live: boolean
}

interface World {
  /** The instance that takes the next step. */
  core: Core
  clock: TestClock
  account: TestAccount
  sessions: Model[]
  disabled: boolean
}

/** What the model says that a refresh with the token `back` generations before the current one must do. */
function expected({ clock, disabled }: World, session: Model, back: number, key?: string) {
  const now = clock.now().getTime() / 1000
  const age = (index: number) => now - (session.madeAt.at(index) ?? Number.NEGATIVE_INFINITY)
  if (!session.live || disabled || age(-1) >= LIFETIME) return 'refused'
  if (back === 0) return 'rotated'
  if (back === 1 && age(-1) < GRACE) return 'converged'
  if (back === 1 && age(-1) < RETRY && key !== undefined && key === session.keys.at(-1)) return 'converged'
  // The grandparent was rotated when its successor, the parent, was made.
  if (back === 2 && age(-2) < GRACE) return 'refused'
  return 'replayed'
}

async function present(world: World, session: Model, back: number, key?: string): Promise<void> {
  const token = session.tokens.at(-1 - back)
  if (token === undefined) return
  const outcome = expected(world, session, back, key)
  const answer = refresh(world.core, token, NO_ORIGIN, key)
  if (outcome === 'refused' || outcome === 'replayed') {
    await expect(answer).rejects.toBeInstanceOf(LatchkeyError)
    if (outcome === 'replayed') session.live = false
    return
  }
  const { refreshToken } = await answer
  if (outcome === 'converged') {
    expect(refreshToken).toBe(session.tokens.at(-1))
    return
  }
  expect(session.tokens).not.toContain(refreshToken)
  session.tokens.push(refreshToken)
  session.madeAt.push(world.clock.now().getTime() / 1000)
  session.keys.push(key)
}

/** Every thing that can happen, by the name it has in a counterexample. */
const STEPS = {
  async logIn(world: World) {
    if (world.disabled || world.sessions.length >= 4) return
    const { refreshToken } = await login(world.core, world.account)
    const madeAt = [world.clock.now().getTime() / 1000]
    world.sessions.push({ tokens: [refreshToken], madeAt, keys: [undefined], live: true })
  },
  refresh: (world: World, session: Model) => present(world, session, 0),
  refreshWithKey: (world: World, session: Model) => present(world, session, 0, 'a key'),
  /** A retry after a lost reply, or a second tab. */
  presentParent: (world: World, session: Model) => present(world, session, 1),
  presentParentWithKey: (world: World, session: Model) => present(world, session, 1, 'a key'),
  presentParentWithOtherKey: (world: World, session: Model) => present(world, session, 1, 'another key'),
  presentGrandparent: (world: World, session: Model) => present(world, session, 2),
  presentAncestor: (world: World, session: Model) => present(world, session, 3),
  async secondTab(world: World, session: Model) {
    if (expected(world, session, 0) !== 'rotated') return
    const token = session.tokens.at(-1) ?? ''
    const pairs = await Promise.all([
      refresh(world.core, token),
      refresh(world.core, token),
      refresh(world.core, token),
    ])
    const [first = '', ...others] = pairs.map((pair) => pair.refreshToken)
    expect(others).toEqual([first, first])
    session.tokens.push(first)
    session.madeAt.push(world.clock.now().getTime() / 1000)
    session.keys.push(undefined)
  },
  async logOut(world: World, session: Model) {
    const age = world.clock.now().getTime() / 1000 - (session.madeAt.at(-1) ?? 0)
    const answer = logout(world.core, session.tokens[0] ?? '')
    if (session.live && age < LIFETIME) await answer
    else await expect(answer).rejects.toBeInstanceOf(LatchkeyError)
    session.live = false
  },
  async disable(world: World) {
    await disableAccount(world.core, world.account.id, COMMAND)
    world.disabled = true
    for (const session of world.sessions) session.live = false
  },
  async enable(world: World) {
    await enableAccount(world.core, world.account.id, COMMAND)
    world.disabled = false
  },
  async waitWithinGrace(world: World) {
    world.clock.advance(GRACE - 1)
  },
  async waitForGraceToEnd(world: World) {
    world.clock.advance(GRACE)
  },
  async waitForRetriesToEnd(world: World) {
    world.clock.advance(RETRY - GRACE)
  },
  async waitForExpiry(world: World) {
    world.clock.advance(LIFETIME - 1)
  },
} satisfies Record<string, (world: World, session: Model) => Promise<void>>

const step = fc.record({
  // Weighted: a plan of disabled and expired sessions only would prove little.
  name: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('refresh' as const, 'presentParent' as const, 'secondTab' as const) },
    { weight: 6, arbitrary: fc.constantFrom('refreshWithKey' as const, 'presentParentWithKey' as const) },
    { weight: 1, arbitrary: fc.constant('presentParentWithOtherKey' as const) },
    { weight: 6, arbitrary: fc.constantFrom('presentGrandparent' as const, 'presentAncestor' as const) },
    { weight: 6, arbitrary: fc.constantFrom('waitWithinGrace' as const, 'waitForGraceToEnd' as const) },
    { weight: 2, arbitrary: fc.constant('waitForRetriesToEnd' as const) },
    { weight: 4, arbitrary: fc.constantFrom('logIn' as const, 'logOut' as const, 'waitForExpiry' as const) },
    { weight: 1, arbitrary: fc.constantFrom('disable' as const, 'enable' as const) },
  ),
  session: fc.nat(3),
  instance: fc.nat(1),
})

/** Carries out plans, each step on one of the instances. */
async function followPlans([core, ...others]: [Core, ...Core[]], clock: TestClock, numRuns: number): Promise<void> {
  const instances = [core, ...others]
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (plan) => {
      const email = `user-${randomUUID()}@example.com`
      const account = { ...(await register(core, { email, password: PASSWORD })), password: PASSWORD }
      const world: World = { core, clock, account, sessions: [], disabled: false }
      await STEPS.logIn(world)
      await STEPS.logIn(world)
      for (const { name, session, instance } of plan) {
        world.core = instances[instance % instances.length] ?? core
        const model = world.sessions[session % world.sessions.length]
        if (model !== undefined) await STEPS[name](world, model)
      }
      for (const session of world.sessions) await present(world, session, 0)
    }),
    { numRuns },
  )
}

test('whatever the order of events, sessions do what the model says', { timeout: 120_000 }, async ({ core, clock }) => {
  await followPlans([core], clock, 150)
})

secretsTest(
  'and so they do while the root secret is changed, and one instance has not heard of it yet',
  {
    timeout: 120_000,
  },
  async ({ both, createBoth, clock }) => {
    const behind = await createBoth()
    await reseal(both)
    expect(behind.keysInForce().id).not.toBe(both.keysInForce().id)
    await followPlans([both, behind], clock, 150)
  },
)
