import { randomBytes } from 'node:crypto'
import { NO_ORIGIN } from '../audit/origin.ts'
import type { Core, CoreOptions } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { putInForce } from '../testing/settings.ts'
import { expect, test as base } from '../testing/test.ts'
import { accountKeyOf } from './account-key.ts'
import type { Point } from './shared-counters.ts'

const test = base
  /** Makes an instance with limits. */
  .extend('limited', ({ createInstance }) => (options: Partial<CoreOptions> = {}) => {
    return createInstance({ rateLimits: true, ...options })
  })

const POINTS = statement<{ key: string; points: number }>(
  'test.points',
  'select key, points from rate_limit where position($1 in key) > 0 and points > 0 order by key',
)

let addresses = 0
/** An address that no other test has. */
const newAddress = () => `10.${process.pid % 256}.${(addresses >> 8) % 256}.${addresses++ % 256}`
const from = (address: string) => ({ ...NO_ORIGIN, address })
const newAccount = (core: Core) => accountKeyOf(core.keys, `${randomBytes(6).toString('hex')}@example.com`)

/** The error of a login, or the points that it took. */
async function attempt(core: Core, accountKey: string, address: string, deviceId?: string) {
  return await core.limits.login({ accountKey, deviceId }, from(address)).catch((error: unknown) => {
    if (error instanceof LatchkeyError) return error
    throw error
  })
}

const isTaken = (outcome: LatchkeyError | Point[]) => Array.isArray(outcome)

test('50 attempts at once over two instances: the budget gets through, no more and no less', async ({ limited }) => {
  const [one, other] = [await limited(), await limited()]
  const [accountKey, address] = [newAccount(one), newAddress()]
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, i) => attempt(i % 2 === 0 ? one : other, accountKey, address)),
  )
  expect(outcomes.filter(isTaken)).toHaveLength(5)
  expect(outcomes.find((outcome) => !isTaken(outcome))).toMatchObject({
    code: 'too_many_requests',
    retryAfter: 60,
    limit: { name: 'login-account', limit: 5, windowSeconds: 60 },
  })
  const points = await one.db.many(POINTS, [accountKey])
  expect(points.map((row) => row.points)).toEqual([5, 5, 5, 5])
})

test('attempts on many accounts from one address at once take no more than it has', async ({ limited }) => {
  const [one, other] = [await limited(), await limited()]
  const address = newAddress()
  const accounts = Array.from({ length: 25 }, () => newAccount(one))
  const outcomes = await Promise.all(
    [...accounts, ...accounts].map((accountKey, i) => attempt(i % 2 === 0 ? one : other, accountKey, address)),
  )
  expect(outcomes.filter(isTaken)).toHaveLength(30)
  expect(outcomes.find((outcome) => !isTaken(outcome))).toMatchObject({ limit: { name: 'login-prefix', limit: 30 } })
  const perAccount = await Promise.all(accounts.map((accountKey) => one.db.many(POINTS, [accountKey])))
  // Whom the address refused has lost nothing of the account's.
  expect(perAccount.flat().filter(({ key }) => key.startsWith('login-unknown:')).length).toBeLessThanOrEqual(30)
  const ofAccounts = perAccount.flat().filter(({ key }) => key.startsWith('login-unknown:'))
  expect(ofAccounts.reduce((sum, { points }) => sum + points, 0)).toBe(30)
})

test('the same attempts in every order never wait for each other in a ring', async ({ limited }) => {
  const cores = await Promise.all([limited(), limited(), limited()])
  const [first] = cores
  if (first === undefined) throw new Error('no instance')
  const accounts = Array.from({ length: 4 }, () => newAccount(first))
  const places = Array.from({ length: 4 }, newAddress)
  const attempts = Array.from({ length: 300 }, (_, i) => {
    const core = cores[i % 3] ?? first
    return attempt(core, accounts[i % 4] ?? '', places[(i * 7 + Math.floor(i / 4)) % 4] ?? '')
  })
  const outcomes = await Promise.all(attempts)
  const codes = new Set(outcomes.map((outcome) => (isTaken(outcome) ? 'taken' : outcome.code)))
  expect([...codes].toSorted()).toEqual(['taken', 'too_many_requests'])
})

test('a minute later there are five more, and 20 in an hour', async ({ limited, clock }) => {
  const core = await limited({ settings: { LOGIN_FAILURES_UNKNOWN_PER_DAY: 1000 } })
  const [accountKey, address] = [newAccount(core), newAddress()]
  let taken = 0
  for (let minute = 0; minute < 6; minute++) {
    for (let i = 0; i < 7; i++) if (isTaken(await attempt(core, accountKey, address))) taken++
    clock.advance(60)
  }
  expect(taken).toBe(20)
  const refused = await attempt(core, accountKey, address)
  expect(refused).toMatchObject({ retryAfter: 3600 - 360, limit: { name: 'login-account-hour', limit: 20 } })
  clock.advance(3600 - 360)
  expect(isTaken(await attempt(core, accountKey, address))).toBe(true)
})

test('points that are given back are there again, unless their window has ended', async ({ limited, clock }) => {
  const core = await limited()
  const [accountKey, address] = [newAccount(core), newAddress()]
  const all: Point[][] = []
  for (let i = 0; i < 5; i++) all.push(await core.limits.login({ accountKey, deviceId: undefined }, from(address)))
  await core.limits.giveBack(all[0] ?? [])
  expect(isTaken(await attempt(core, accountKey, address))).toBe(true)
  expect(isTaken(await attempt(core, accountKey, address))).toBe(false)
  clock.advance(60)
  for (let i = 0; i < 5; i++) expect(isTaken(await attempt(core, accountKey, address))).toBe(true)
  await core.limits.giveBack((all[1] ?? []).filter(({ key }) => key.startsWith('login-account:')))
  expect(isTaken(await attempt(core, accountKey, address))).toBe(false)
})

test('what is known to be spent costs no statement until it is free again', async ({ limited, clock }) => {
  const core = await limited()
  const [accountKey, address] = [newAccount(core), newAddress()]
  for (let i = 0; i < 6; i++) await attempt(core, accountKey, address)
  const asked = countStatements(core)
  for (let i = 0; i < 1000; i++) expect(isTaken(await attempt(core, accountKey, address))).toBe(false)
  expect(asked()).toBe(0)
  clock.advance(10)
  await attempt(core, accountKey, address)
  const later = await attempt(core, accountKey, address)
  expect(asked()).toBe(1)
  expect(later).toMatchObject({ retryAfter: 50 })
  clock.advance(50)
  expect(isTaken(await attempt(core, accountKey, address))).toBe(true)
})

test('without a database nobody gets through', async ({ limited }) => {
  const core = await limited()
  await core.db.close()
  expect(await attempt(core, newAccount(core), newAddress())).toMatchObject({ code: 'unavailable' })
})

test('a number that is changed is in force at once, also for what is known to be spent', async ({ limited }) => {
  const core = await limited()
  const [accountKey, address] = [newAccount(core), newAddress()]
  const takenOf = async (times: number) => {
    let taken = 0
    for (let i = 0; i < times; i++) if (isTaken(await attempt(core, accountKey, address))) taken++
    return taken
  }
  expect(await takenOf(10)).toBe(5)
  putInForce(core.settings, { LOGIN_FAILURES_PER_MINUTE: 8 })
  expect(await takenOf(10)).toBe(3)
  putInForce(core.settings, { LOGIN_FAILURES_PER_MINUTE: 2 })
  expect(await takenOf(10)).toBe(0)
})

test('beyond the budget of unknown devices each address has to wait, ever longer, and may then try once', async ({
  limited,
  clock,
}) => {
  const core = await limited()
  const accountKey = newAccount(core)
  for (let i = 0; i < 10; i++) expect(isTaken(await attempt(core, accountKey, newAddress()))).toBe(true)
  const owner = newAddress()
  expect(await attempt(core, accountKey, owner)).toMatchObject({
    retryAfter: 30,
    limit: { name: 'login-delay', limit: 1, windowSeconds: 30 },
  })
  clock.advance(29)
  const asked = countStatements(core)
  expect(await attempt(core, accountKey, owner)).toMatchObject({ retryAfter: 1 })
  expect(asked()).toBe(0)
  clock.advance(1)
  expect(isTaken(await attempt(core, accountKey, owner))).toBe(true)
  expect(await attempt(core, accountKey, owner)).toMatchObject({ retryAfter: 60 })
})

test('the delay ends at its maximum, and never becomes a lock', async ({ limited, clock }) => {
  const core = await limited({ settings: { LOGIN_FAILURES_UNKNOWN_PER_DAY: 1, LOGIN_DELAY_MAX: 200 } })
  const accountKey = newAccount(core)
  await attempt(core, accountKey, newAddress())
  const delays: (number | undefined)[] = []
  for (let i = 0; i < 6; i++) {
    const address = newAddress()
    const told = await attempt(core, accountKey, address)
    const delay = isTaken(told) ? undefined : told.retryAfter
    delays.push(delay)
    clock.advance(delay ?? 0)
    expect(isTaken(await attempt(core, accountKey, address))).toBe(true)
  }
  expect(delays).toEqual([30, 60, 120, 200, 200, 200])
})

test('of many addresses that come at once each has to wait longer than the one before', async ({ limited, clock }) => {
  const core = await limited()
  const accountKey = newAccount(core)
  for (let i = 0; i < 10; i++) await attempt(core, accountKey, newAddress())
  const crowd = Array.from({ length: 100 }, newAddress)
  const told = await Promise.all(crowd.map((address) => attempt(core, accountKey, address)))
  const delays = told.map((outcome) => (isTaken(outcome) ? 0 : outcome.retryAfter))
  expect(delays.toSorted((a = 0, b = 0) => a - b).slice(0, 7)).toEqual([30, 60, 120, 240, 480, 900, 900])
  clock.advance(3600)
  for (let i = 0; i < 10; i++) await attempt(core, accountKey, newAddress())
  expect(await attempt(core, accountKey, newAddress())).toMatchObject({ retryAfter: 30 })
})

test('an address that has waited may come for some time, but gets one attempt', async ({ limited, clock }) => {
  const core = await limited({ settings: { LOGIN_FAILURES_UNKNOWN_PER_DAY: 1, LOGIN_DELAY_MAX: 100 } })
  const accountKey = newAccount(core)
  await attempt(core, accountKey, newAddress())
  const [early, late] = [newAddress(), newAddress()]
  for (const address of [early, late]) expect(isTaken(await attempt(core, accountKey, address))).toBe(false)
  clock.advance(129)
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => attempt(core, accountKey, early)))
  expect(outcomes.filter(isTaken)).toHaveLength(1)
  // It was told to wait for 60 seconds, and could have come for 100 more.
  clock.advance(31)
  expect(isTaken(await attempt(core, accountKey, late))).toBe(false)
})

test('a known device has a counter of its own, whatever others do', async ({ limited, clock }) => {
  const core = await limited()
  const [accountKey, address] = [newAccount(core), newAddress()]
  for (let i = 0; i < 50; i++) await attempt(core, accountKey, i % 2 === 0 ? address : newAddress())
  const outcomes: (LatchkeyError | Point[])[] = []
  for (let i = 0; i < 20; i++) outcomes.push(await attempt(core, accountKey, address, 'phone'))
  expect(outcomes.filter(isTaken)).toHaveLength(10)
  expect(outcomes.at(-1)).toMatchObject({ limit: { name: 'login-device', limit: 10, windowSeconds: 60 } })
  expect(isTaken(await attempt(core, accountKey, address, 'laptop'))).toBe(true)
  clock.advance(60)
  expect(isTaken(await attempt(core, accountKey, address, 'phone'))).toBe(true)
})

test('registrations are counted by address, over all instances', async ({ limited, clock }) => {
  const [one, other] = [await limited(), await limited()]
  const address = '2001:db8:7:100::1'
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? one : other).limits.register(from(`${address}${i % 10}`))),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  await expect(one.limits.register(from(address))).rejects.toMatchObject({ limit: { name: 'register' } })
  clock.advance(3600)
  await expect(one.limits.register(from(address))).resolves.toBeUndefined()
})

test('what is written for one address counts as one, and the table does not tell it', async ({ limited }) => {
  const core = await limited()
  const key = (email: string) => accountKeyOf(core.keys, email)
  const composed = 'ångström@bücher.example'
  for (const other of [
    composed.toUpperCase(),
    composed.normalize('NFD'),
    ` ${composed} `,
    'ångström@xn--bcher-kva.example',
  ]) {
    expect(key(other)).toBe(key(composed))
  }
  expect(key('angstrom@bücher.example')).not.toBe(key(composed))
  expect(key('No Address')).toBe(key('no address '))
  const address = newAddress()
  await attempt(core, key(composed), address)
  expect(JSON.stringify(await core.db.many(POINTS, [address]))).not.toMatch(/ngstr/)
})

/** Counts what the instance asks the database from now on. */
function countStatements(core: Core): () => number {
  const many = core.db.many.bind(core.db)
  let count = 0
  core.db.many = (asked, values) => {
    count++
    return many(asked, values)
  }
  return () => count
}
