import { createAccount } from '../accounts/create.ts'
import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { enter, eventsOf, REQUEST, test } from '../testing/operators.ts'
import { reseal, test as secretsTest } from '../testing/secrets.ts'
import { expect, PASSWORD } from '../testing/test.ts'
import { requireAdmin } from './authorize.ts'
import { createSetupLink, setUpAdmin } from './setup.ts'

const ADMINS = statement<{ count: number }>('test.admins', `select count(*) from account where role = 'admin'`)
const LINKS = statement<{ text: string }>('test.links', 'select setup_link::text as text from setup_link')
const EVENTS = statement<{ text: string }>('test.audit-text', 'select audit_event::text as text from audit_event')

const INVALID = { code: 'invalid_setup_link' }

async function linkOf(core: Core): Promise<string> {
  const token = await createSetupLink(core)
  if (token === undefined) throw new Error('no link')
  return token
}

const setUp = (core: Core, token: string, email = 'admin@example.com', password = PASSWORD) =>
  setUpAdmin(core, { token, email, password }, REQUEST)

test('a link makes one admin, who is in at once, and then no link does', async ({ own }) => {
  const [token, other] = [await linkOf(own), await linkOf(own)]
  const admin = await setUp(own, token)
  expect(admin).toMatchObject({
    email: 'admin@example.com',
    role: 'admin',
    active: true,
    passwordChangeRequired: false,
  })
  const { claims } = await enter(own, { ...admin, password: PASSWORD })
  expect(await requireAdmin(own.db, own, claims)).toMatchObject({ accountId: admin.id })
  for (const used of [token, other]) await expect(setUp(own, used, 'b@example.com')).rejects.toMatchObject(INVALID)
  expect(await createSetupLink(own)).toBeUndefined()
  expect(await eventsOf(own, admin)).toMatchObject([{ name: 'user.created', details: { by: 'setup_link' } }])
})

test('a link is good for an hour', async ({ own, clock }) => {
  const token = await linkOf(own)
  clock.advance(3600)
  await expect(setUp(own, token)).rejects.toMatchObject(INVALID)
  const next = await linkOf(own)
  expect(await own.db.many(LINKS, [])).toHaveLength(1)
  clock.advance(3599)
  expect(await setUp(own, next)).toMatchObject({ role: 'admin' })
})

test('no other text is a link, and it is known to nobody but who started the server', async ({ own }) => {
  const token = await linkOf(own)
  for (const text of ['', 'x', token.slice(1), `${token}=`, token.toLowerCase()]) {
    await expect(setUp(own, text)).rejects.toMatchObject(INVALID)
  }
  const stored = [...(await own.db.many(LINKS, [])), ...(await own.db.many(EVENTS, []))].map(({ text }) => text).join()
  expect(stored).toContain('setup_link.created')
  for (const form of [token, Buffer.from(token).toString('hex'), Buffer.from(token, 'base64url').toString('hex')]) {
    expect(stored).not.toContain(form)
  }
})

test('without a link neither addresses nor policy are told', async ({ own }) => {
  await createAccount(own, { email: 'user@example.com', password: PASSWORD }, COMMAND)
  const unhashing: Core = { ...own, passwords: { ...own.passwords, hash: () => Promise.reject(new Error('hashed')) } }
  for (const email of ['user@example.com', 'nobody', 'admin@example.com']) {
    await expect(setUp(unhashing, 'x', email, '')).rejects.toMatchObject(INVALID)
  }
})

test('a mistake does not use the link up', async ({ createInstance, migratedDatabase }) => {
  const strict = await createInstance({ databaseUrl: await migratedDatabase(), production: true })
  const token = await linkOf(strict)
  await createAccount(strict, { email: 'user@example.com', password: PASSWORD }, COMMAND)
  await expect(setUp(strict, token, 'user@example.com')).rejects.toMatchObject({ code: 'email_taken' })
  await expect(setUp(strict, token, 'nobody')).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(setUp(strict, token, 'admin@example.com', 'admin')).rejects.toMatchObject({ code: 'invalid_input' })
  expect(await setUp(strict, token)).toMatchObject({ role: 'admin' })
})

test('links are dead once a command has made an admin', async ({ own }) => {
  const token = await linkOf(own)
  await createAccount(own, { email: 'admin@example.com', password: PASSWORD, role: 'admin' }, COMMAND)
  await expect(setUp(own, token, 'b@example.com')).rejects.toMatchObject(INVALID)
})

test('used many times at once, on two instances, links make one admin', async ({
  createInstance,
  migratedDatabase,
}) => {
  const databaseUrl = await migratedDatabase()
  const cores = await Promise.all([1, 2].map(() => createInstance({ databaseUrl })))
  const uses = (await Promise.all(cores.map(linkOf))).flatMap((token) => cores.map((core) => ({ core, token })))
  const outcomes = await Promise.allSettled(uses.map(({ core, token }, i) => setUp(core, token, `a${i}@example.com`)))
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  expect(errors).toEqual(Array(3).fill(expect.objectContaining(INVALID)))
  expect(await cores[0]?.db.one(ADMINS, [])).toEqual({ count: 1 })
})

secretsTest('while the root secret is changed, a link of either is good', async ({ old, both, createNew }) => {
  const [before, between] = [await linkOf(old), await linkOf(both)]
  // Not resealed yet: what an instance with both has made is good at the others, too.
  await expect(setUp(old, between, 'no address')).rejects.toMatchObject({ code: 'invalid_input' })
  await reseal(both)
  await expect(setUp(await createNew(), before)).rejects.toMatchObject(INVALID)
  await expect(setUp(await createNew(), await linkOf(both), 'no address')).rejects.toMatchObject({
    code: 'invalid_input',
  })
  expect(await setUp(both, before)).toMatchObject({ role: 'admin' })
})
