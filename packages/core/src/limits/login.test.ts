import { checkAccessToken } from '../access-tokens/check.ts'
import { changePassword } from '../accounts/change-password.ts'
import { register } from '../accounts/register.ts'
import { NO_ORIGIN, type Origin } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { login } from '../sessions/login.ts'
import { expect, PASSWORD, test as base } from '../testing/test.ts'
import { accountKeyOf } from './account-key.ts'

const POINTS = statement<{ points: number }>(
  'test.points-of',
  'select points from rate_limit where position($1 in key) > 0 order by key',
)

const test = base
  /** An instance with limits. */
  .extend('core', ({ createInstance }) => createInstance({ rateLimits: true }))
  /** An address that no other test has. */
  .extend('origin', (): Origin => ({ ...NO_ORIGIN, address: `198.51.100.${next++ % 256}` }))

let next = process.pid

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    (error: unknown) => (error instanceof LatchkeyError ? error.code : error),
  )
const wrong = (core: Core, email: string, origin: Origin) =>
  codeOf(login(core, { email, password: 'not the password' }, origin))
const pointsOf = async (core: Core, email: string) =>
  (await core.db.many(POINTS, [accountKeyOf(core.keys, email)])).map(({ points }) => points)

test('five wrong passwords a minute; then even the right one has to wait', async ({
  core,
  makeAccount,
  origin,
  clock,
}) => {
  const { email, password } = await makeAccount()
  const codes: unknown[] = []
  for (let i = 0; i < 6; i++) codes.push(await wrong(core, email, origin))
  expect(codes).toEqual([...Array<string>(5).fill('invalid_credentials'), 'too_many_requests'])
  expect(await codeOf(login(core, { email, password }, origin))).toBe('too_many_requests')
  clock.advance(60)
  expect(await codeOf(login(core, { email, password }, origin))).toBe('ok')
})

test('logins that succeed are not counted, and take nothing off what failed', async ({ core, makeAccount, origin }) => {
  const { email, password } = await makeAccount()
  for (let i = 0; i < 12; i++) expect(await codeOf(login(core, { email, password }, origin))).toBe('ok')
  expect(await pointsOf(core, email)).toEqual([0, 0, 0, 0])
  for (let i = 0; i < 3; i++) await wrong(core, email, origin)
  await login(core, { email, password }, origin)
  expect(await pointsOf(core, email)).toEqual([3, 3, 3, 3])
})

test('logins of one account at once, right and wrong, wait for each other and never in a ring', async ({
  createInstance,
  makeAccount,
}) => {
  const settings = {
    LOGIN_FAILURES_PER_MINUTE: 100,
    LOGIN_FAILURES_PER_HOUR: 100,
    LOGIN_FAILURES_UNKNOWN_PER_MINUTE: 100,
  }
  const cores = [
    await createInstance({ rateLimits: true, settings }),
    await createInstance({ rateLimits: true, settings }),
  ] as const
  const { email, password } = await makeAccount()
  const codes = await Promise.all(
    Array.from({ length: 40 }, (_, i) => {
      const from = { ...NO_ORIGIN, address: `203.0.113.${i % 3}` }
      const core = cores[i % 2 === 0 ? 0 : 1]
      return i % 4 === 0 ? wrong(core, email, from) : codeOf(login(core, { email, password }, from))
    }),
  )
  expect(codes.filter((code) => code === 'ok')).toHaveLength(30)
  expect(codes.filter((code) => code === 'invalid_credentials')).toHaveLength(10)
  expect((await pointsOf(cores[0], email)).toSorted((a, b) => b - a).slice(0, 2)).toEqual([10, 10])
})

test('an account that is not there is counted in the same way', async ({ core, makeAccount, origin }) => {
  const { email } = await makeAccount()
  const codes: unknown[][] = []
  for (const each of [email, 'nobody-at-all@example.com', 'no address']) {
    const told: unknown[] = []
    for (let i = 0; i < 7; i++) told.push(await wrong(core, each, origin))
    codes.push(told)
  }
  expect(codes[1]).toEqual(codes[0])
  expect(codes[2]).toEqual(codes[0])
})

test('letter case, spaces and forms of an address share one budget', async ({ core, makeAccount, origin }) => {
  const { email } = await makeAccount()
  const forms = [email, email.toUpperCase(), ` ${email}`]
  const codes: unknown[] = []
  for (let i = 0; i < 6; i++) codes.push(await wrong(core, forms[i % 3] ?? '', origin))
  expect(codes.at(-1)).toBe('too_many_requests')
})

test('who is sent away because too much is hashed has not guessed', async ({ core, makeAccount, origin }) => {
  const { email, password } = await makeAccount()
  const verify = () => Promise.reject(new LatchkeyError('busy'))
  const full: Core = { ...core, passwords: { ...core.passwords, verify } }
  for (let i = 0; i < 8; i++) expect(await codeOf(login(full, { email, password }, origin))).toBe('busy')
  expect(await pointsOf(core, email)).toEqual([0, 0, 0, 0])
})

test('a login that is refused hashes nothing, asks nothing and is no event', async ({ core, makeAccount, origin }) => {
  const { email, password } = await makeAccount()
  for (let i = 0; i < 6; i++) await wrong(core, email, origin)
  const broken: Core = {
    ...core,
    passwords: { ...core.passwords, verify: () => Promise.reject(new Error('hashed')) },
    db: new Proxy(core.db, { get: () => expect.fail('asked the database') }),
  }
  expect(await codeOf(login(broken, { email, password }, origin))).toBe('too_many_requests')
})

test('whoever holds an access token may not guess the password without end', async ({
  core,
  makeAccount,
  origin,
  clock,
}) => {
  const { email, password } = await makeAccount()
  const [stolen, other] = [
    checkAccessToken(core, (await login(core, { email, password }, origin)).accessToken),
    checkAccessToken(core, (await login(core, { email, password }, origin)).accessToken),
  ]
  const change = (claims: typeof stolen, oldPassword: string) =>
    codeOf(changePassword(core, claims, { oldPassword, newPassword: 'another horse 43' }, origin))
  const codes: unknown[] = []
  for (let i = 0; i < 6; i++) codes.push(await change(stolen, 'a guess'))
  expect(codes).toEqual([...Array<string>(5).fill('invalid_input'), 'too_many_requests'])
  expect(await change(stolen, PASSWORD)).toBe('too_many_requests')
  expect(await change(other, PASSWORD)).toBe('ok')
  clock.advance(60)
})

test('ten registrations an hour from one address, also of addresses that are taken', async ({
  core,
  origin,
  clock,
}) => {
  const codes: unknown[] = []
  for (let i = 0; i < 12; i++) {
    const email = i % 2 === 0 ? 'taken@example.com' : `${crypto.randomUUID()}@example.com`
    codes.push(await codeOf(register(core, { email, password: PASSWORD }, origin)))
  }
  expect(codes.slice(10)).toEqual(['too_many_requests', 'too_many_requests'])
  expect(codes.slice(0, 10)).not.toContain('too_many_requests')
  clock.advance(3600)
  const email = `${crypto.randomUUID()}@example.com`
  expect(await codeOf(register(core, { email, password: PASSWORD }, origin))).toBe('ok')
})

test('input that is refused for itself is not counted', async ({ core, origin }) => {
  for (let i = 0; i < 20; i++) {
    expect(await codeOf(register(core, { email: 'nobody', password: PASSWORD }, origin))).toBe('invalid_input')
  }
})
