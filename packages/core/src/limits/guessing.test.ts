import { NO_ORIGIN, type Origin } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { LatchkeyError } from '../errors.ts'
import { login } from '../sessions/login.ts'
import { expect, type TestAccount, type TestClock, test as base } from '../testing/test.ts'
import { accountKeyOf } from './account-key.ts'

/** What is simulated: guesses on one account, every second, over all instances. */
interface Attack {
  instances: Core[]
  email: string
  /** Where the attacker has machines. */
  addresses: string[]
  perSecond: number
  seconds: number
  clock: TestClock
  /** Done at the beginning of each second, in the midst of the attack. */
  meanwhile?: (second: number) => Promise<void>
}

const from = (address: string): Origin => ({ ...NO_ORIGIN, address })
const isRefused = (error: unknown) => error instanceof LatchkeyError && error.code === 'too_many_requests'

/** Runs an attack. @returns in each second, how many guesses came through to the password */
async function attack({
  instances,
  email,
  addresses,
  perSecond,
  seconds,
  clock,
  meanwhile,
}: Attack): Promise<number[]> {
  const guesses: number[] = []
  let number = 0
  for (let second = 0; second < seconds; second++) {
    const before = number
    const outcomes = await Promise.all([
      ...Array.from({ length: perSecond }, (_, i) => {
        const core = instances[i % instances.length]
        const address = addresses[(before + i) % addresses.length]
        if (core === undefined || address === undefined) throw new Error('no attacker')
        number++
        return login(core, { email, password: `guess ${number}` }, from(address)).catch((error: unknown) => error)
      }),
      meanwhile?.(second),
    ])
    guesses.push(outcomes.filter((outcome) => outcome instanceof LatchkeyError && !isRefused(outcome)).length)
    clock.advance(1)
  }
  return guesses
}

const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0)

const test = base
  /** Makes so many instances with limits, whose hashes cost nothing. */
  .extend('instances', ({ createInstance }) => async (count: number, account: TestAccount): Promise<Core[]> => {
    const cores = await Promise.all(Array.from({ length: count }, () => createInstance({ rateLimits: true })))
    return cores.map((core) => ({
      ...core,
      passwords: {
        ...core.passwords,
        verify: (password) => Promise.resolve({ matches: password === account.password, outdated: false }),
      },
    }))
  })

let next = 0
const newAddresses = (count: number) =>
  Array.from({ length: count }, () => `100.${64 + (next >> 16)}.${(next >> 8) % 256}.${next++ % 256}`)

for (const count of [1, 4]) {
  test(`1,000 guesses a second from one address on ${count} instances: 5 a minute come through`, async ({
    makeAccount,
    instances,
    clock,
  }) => {
    const account = await makeAccount()
    const cores = await instances(count, account)
    const addresses = newAddresses(1)
    const guesses = await attack({ instances: cores, ...account, addresses, perSecond: 1000, seconds: 60, clock })
    expect(sum(guesses)).toBe(5)
  })

  test(`1,000 guesses a second from 1,000 addresses on ${count} instances: 10 a minute, and who has waited`, async ({
    makeAccount,
    instances,
    clock,
  }) => {
    const account = await makeAccount()
    const cores = await instances(count, account)
    const addresses = newAddresses(1000)
    const guesses = await attack({ instances: cores, ...account, addresses, perSecond: 1000, seconds: 60, clock })
    expect(guesses[0]).toBe(10)
    expect(sum(guesses)).toBe(11)
  })

  test(`meanwhile the owner gets in from a known device every time, on ${count} instances`, async ({
    makeAccount,
    instances,
    clock,
  }) => {
    const account = await makeAccount()
    const cores = await instances(count, account)
    const accountKey = accountKeyOf(cores[0]?.keys ?? expect.fail('no instance'), account.email)
    const addresses = newAddresses(300)
    let entered = 0
    await attack({
      instances: cores,
      ...account,
      addresses,
      perSecond: 1000,
      seconds: 60,
      clock,
      async meanwhile(second) {
        const core = cores[second % count]
        // Behind the address of the attacker, even.
        const points = await core?.limits.login({ accountKey, deviceId: 'phone' }, from(addresses[0] ?? ''))
        await core?.limits.giveBack(points ?? [])
        entered++
      },
    })
    expect(entered).toBe(60)
  })

  test(`the owner gets in from a new device after the delay that was told, on ${count} instances`, async ({
    makeAccount,
    instances,
    clock,
  }) => {
    const account = await makeAccount()
    const cores = await instances(count, account)
    const addresses = newAddresses(300)
    const [home = ''] = newAddresses(1)
    let told: { second: number; retryAfter: number } | undefined
    let entered: number | undefined
    await attack({
      instances: cores,
      ...account,
      addresses,
      perSecond: 50,
      seconds: 940,
      clock,
      async meanwhile(second) {
        if (second < 10 || entered !== undefined) return
        if (told !== undefined && second < told.second + told.retryAfter) return
        const core = cores[second % count] ?? expect.fail('no instance')
        const outcome = await login(core, account, from(home)).catch((error: unknown) => error)
        if (!(outcome instanceof LatchkeyError)) entered = second
        else told ??= { second, retryAfter: outcome.retryAfter ?? 0 }
      },
    })
    expect(told?.retryAfter).toBeLessThanOrEqual(900)
    expect(entered).toBe((told?.second ?? 0) + (told?.retryAfter ?? 0))
  })
}

test('in a day one address makes 100 guesses, and then one for each delay', async ({
  makeAccount,
  instances,
  clock,
}) => {
  const account = await makeAccount()
  const cores = await instances(2, account)
  const addresses = newAddresses(1)
  let guesses = 0
  for (let minute = 0; minute < 24 * 60; minute++) {
    guesses += sum(await attack({ instances: cores, ...account, addresses, perSecond: 7, seconds: 1, clock }))
    clock.advance(59)
  }
  expect(guesses).toBeGreaterThanOrEqual(100)
  expect(guesses).toBeLessThanOrEqual(100 + (19 * 3600) / 900 + 5)
})
