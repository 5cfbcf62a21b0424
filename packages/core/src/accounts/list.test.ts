import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { makeMember, test } from '../testing/operators.ts'
import { expect, PASSWORD } from '../testing/test.ts'
import { createAccount } from './create.ts'
import { disableAccount } from './disable.ts'
import { type AccountFilter, listAccounts } from './list.ts'

/** Some at the very same microsecond, others between two milliseconds. */
const SCATTER = statement(
  'test.scatter-accounts',
  `update account set created_at = created_at + make_interval(secs => (id / 3) * 0.000001)`,
)
const NEWEST = statement<{ email: string }>(
  'test.newest',
  'select email from account order by created_at desc, id desc',
)
const BY_EMAIL = statement<{ email: string }>(
  'test.by-email',
  'select email from account order by email_normal collate "C"',
)

async function emailsOf(core: Core, filter: AccountFilter): Promise<string[]> {
  const emails: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await listAccounts(core, { ...filter, cursor })
    emails.push(...page.items.map(({ email }) => email))
    if (page.next === undefined) return emails
    cursor = page.next
  }
}

const make = (core: Core, email: string, more: object = {}) =>
  createAccount(core, { email, password: PASSWORD, ...more }, COMMAND)

test('pages show every account once, in either order', async ({ own }) => {
  for (const name of ['b', 'Ä', 'a-', 'a', 'Z', 'ab', 'A.a']) await make(own, `${name}@example.com`)
  await own.db.many(SCATTER, [])
  const newest = (await own.db.many(NEWEST, [])).map(({ email }) => email)
  const byEmail = (await own.db.many(BY_EMAIL, [])).map(({ email }) => email)
  for (const limit of [1, 2, 7, 200]) {
    expect(await emailsOf(own, { limit })).toEqual(newest)
    expect(await emailsOf(own, { limit, sort: 'email' })).toEqual(byEmail)
  }
})

test('finds by id, by the beginning of address or username, and by domain', async ({ own }) => {
  const zoe = await make(own, 'Zoe@example.com', { username: 'Ann 100%' })
  const ann = await make(own, 'ann_1@bücher.example', { username: 'ZOË' })
  const number = await make(own, `${zoe.id}@example.com`)
  const cases: [search: string, found: string[]][] = [
    [String(zoe.id), [number.email, zoe.email]],
    ['zo', [ann.email, zoe.email]],
    ['ZOË', [ann.email]],
    ['ann', [ann.email, zoe.email]],
    ['ann_', [ann.email]],
    ['ann%', []],
    ['ann 100%', [zoe.email]],
    ['ANN_1@BÜCHER.example', [ann.email]],
    ['@bücher.example', [ann.email]],
    ['@Example.com', [number.email, zoe.email]],
    ['@example', []],
    ['@', []],
    ['999999999999999', []],
    ['9'.repeat(60), []],
    ['oe@', []],
    [`'; drop table account; --`, []],
  ]
  for (const [search, found] of cases) {
    expect([search, await emailsOf(own, { search, limit: 1 })]).toEqual([search, found])
    expect(await emailsOf(own, { search, sort: 'email' })).toEqual(
      found.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
    )
  }
})

test('filters by role, state and time, also all at once', async ({ own, clock }) => {
  const start = clock.now()
  const user = await make(own, 'user@example.com')
  clock.advance(10)
  const admin = await make(own, 'admin@example.com', { role: 'admin' })
  const disabled = await make(own, 'disabled@example.com', { role: 'admin' })
  await disableAccount(own, disabled.id, COMMAND)
  const cases: [AccountFilter, { email: string }[]][] = [
    [{ role: 'admin' }, [disabled, admin]],
    [{ role: 'user' }, [user]],
    [{ state: 'active' }, [admin, user]],
    [{ state: 'disabled' }, [disabled]],
    [{ createdTo: clock.now() }, [user]],
    [{ createdFrom: clock.now() }, [disabled, admin]],
    [{ createdFrom: start, createdTo: clock.now(), role: 'admin' }, []],
    [{ search: '@example.com', role: 'admin', state: 'active', createdFrom: start, sort: 'email' }, [admin]],
  ]
  for (const [filter, found] of cases) {
    expect([filter, await emailsOf(own, { ...filter, limit: 1 })]).toEqual([filter, found.map(({ email }) => email)])
  }
})

test('shows of each account its live sessions and when it was last seen', async ({ own, clock }) => {
  const { account } = await makeMember(own)
  clock.advance(100)
  await make(own, 'never@example.com')
  const { items } = await listAccounts(own, {})
  expect(items.map(({ email, liveSessions, lastSeenAt }) => [email, liveSessions, lastSeenAt])).toEqual([
    ['never@example.com', 0, null],
    [account.email, 1, new Date(clock.now().getTime() - 100_000)],
  ])
  expect(Object.keys(items[0] ?? {}).toSorted()).toEqual(
    'active createdAt email id lastSeenAt liveSessions passwordChangeRequired role username'.split(' '),
  )
})

test('a cursor of the other order, or of nobody, is refused', async ({ own }) => {
  for (const email of ['a@example.com', 'b@example.com']) await make(own, email)
  const { next } = await listAccounts(own, { limit: 1 })
  for (const cursor of [next, 'x']) {
    await expect(listAccounts(own, { sort: 'email', cursor })).rejects.toMatchObject({ code: 'invalid_input' })
  }
})
