import { randomBytes } from 'node:crypto'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { expect, PASSWORD, test } from '../testing/test.ts'
import type { Account } from './account.ts'
import { register } from './register.ts'

const TAKEN = { code: 'email_taken' }
const ROW = statement<Omit<Account, 'id'>>(
  'test.account',
  `select email, email_normal as "emailNormal", username, password_hash as "passwordHash", role, active,
          created_at as "createdAt" from account where id = $1`,
)

const newEmail = () => `new-${randomBytes(6).toString('hex')}@example.com`
const registerNew = (core: Core) => register(core, { email: newEmail(), password: PASSWORD })

test('keeps the address as typed, its normal form beside it, and of the password a hash', async ({ core, clock }) => {
  const email = newEmail()
  const typed = email.replace('new', 'NEW')
  const registered = await register(core, { email: ` ${typed} `, password: PASSWORD })
  expect(registered).toEqual({ id: expect.any(Number), email: typed })
  expect(await core.db.one(ROW, [registered.id])).toEqual({
    email: typed,
    emailNormal: email,
    username: '',
    passwordHash: expect.stringMatching(/^\$argon2id\$/),
    role: 'user',
    active: true,
    createdAt: clock.now(),
  })
})

test('stamps with the time of the database where there is no other', async ({ core }) => {
  const { id } = await registerNew({ ...core, clock: { now: () => new Date(), sql: () => null } })
  const row = await core.db.one(ROW, [id])
  expect(Math.abs(Number(row?.createdAt) - Date.now())).toBeLessThan(60_000)
})

test('refuses an address that is taken, in any letter case, without a gap in the ids', async ({ core }) => {
  const email = newEmail()
  const { id } = await register(core, { email, password: PASSWORD })
  for (const again of [email, email.toUpperCase(), `  ${email}`]) {
    await expect(register(core, { email: again, password: PASSWORD })).rejects.toMatchObject(TAKEN)
  }
  expect((await registerNew(core)).id).toBe(id + 1)
})

test('an address that is taken costs no hash', async ({ core, makeAccount }) => {
  const { email } = await makeAccount()
  const unhashing: Core = { ...core, passwords: { ...core.passwords, hash: () => Promise.reject(new Error('hashed')) } }
  await expect(register(unhashing, { email, password: PASSWORD })).rejects.toMatchObject(TAKEN)
})

test('of duplicates that race over two instances one is registered, and no id is lost', async ({ createInstance }) => {
  const [one, other] = [await createInstance(), await createInstance()]
  let { id: last } = await registerNew(one)
  for (let round = 0; round < 5; round++) {
    const email = newEmail()
    const racers = Array.from({ length: 12 }, (_, i) => register(i % 2 ? one : other, { email, password: PASSWORD }))
    const outcomes = await Promise.allSettled(racers)
    const ids = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.id] : []))
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    expect(ids).toEqual([++last])
    expect(errors).toEqual(Array(11).fill(expect.objectContaining(TAKEN)))
  }
})

test('different addresses at once get ids that follow each other', async ({ core }) => {
  const { id } = await registerNew(core)
  const registered = await Promise.all(Array.from({ length: 12 }, () => registerNew(core)))
  const ids = registered.map((each) => each.id).toSorted((a, b) => a - b)
  expect(ids).toEqual(Array.from({ length: 12 }, (_, i) => id + 1 + i))
})

test('registers nobody while registration is closed', async ({ createInstance }) => {
  const closed = await createInstance({ settings: { REGISTRATION_OPEN: false } })
  await expect(registerNew(closed)).rejects.toMatchObject({ code: 'registration_closed' })
})

test('refuses what is no address, and a password against the policy', async ({ createInstance }) => {
  const strict = await createInstance({ production: true })
  await expect(register(strict, { email: 'nobody', password: PASSWORD })).rejects.toMatchObject({
    code: 'invalid_input',
    fields: [{ path: ['email'], code: 'email_invalid' }],
  })
  await expect(register(strict, { email: newEmail(), password: 'password' })).rejects.toMatchObject({
    code: 'invalid_input',
    fields: [{ path: ['password'] }, { path: ['password'] }],
  })
})
