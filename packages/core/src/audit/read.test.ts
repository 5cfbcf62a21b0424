import * as fc from 'fast-check'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { prepare } from '../readiness.ts'
import { expect, test as base } from '../testing/test.ts'
import type { AuditEventName } from './events.ts'
import { type Actor, COMMAND, NO_ORIGIN } from './origin.ts'
import { type AuditEventView, type AuditFilter, listAuditEvents, showAuditEvent } from './read.ts'
import { record } from './record.ts'

const MICROSECONDS = statement('test.microseconds', `update audit_event set at = $1::timestamptz where id = $2`)
const DELETE_ACCOUNT = statement('test.delete-account', 'delete from account where id = $1')
const PHONE = { address: '2001:db8::1', userAgent: 'Phone', requestId: 'a' }

/** A core on a database of its own, so that a list has what the test has written and nothing else. */
const test = base.extend('alone', async ({ createInstance, emptyDatabase }): Promise<Core> => {
  const core = await createInstance({ databaseUrl: await emptyDatabase() })
  await prepare(core, { migrating: true })
  return core
})

/** Writes events at one moment; each gets the next id. */
async function write(core: Core, actor: Actor, accountId: number | null, ...names: AuditEventName[]): Promise<void> {
  for (const name of names) await record(core.db, core, { name, actor, accountId })
}

async function readAll(core: Core, filter: AuditFilter): Promise<AuditEventView[]> {
  const { items, next } = await listAuditEvents(core, filter)
  return next === undefined ? items : [...items, ...(await readAll(core, { ...filter, cursor: next }))]
}

const namesOf = (events: AuditEventView[]) => events.map(({ name }) => name)

test('an event says who did what to whom, from where, with the addresses that accounts have now', async ({
  core,
  makeAccount,
}) => {
  const [admin, account] = [await makeAccount(), await makeAccount()]
  const sessionId = crypto.randomUUID()
  const actor = { kind: 'admin', accountId: admin.id, sessionId, ...PHONE, device: null } as const
  const details = { reason: 'asked for' }
  await record(core.db, core, { name: 'user.disabled', actor, accountId: account.id, sessionId, details })
  const { items } = await listAuditEvents(core, { accountId: account.id, limit: 1 })
  const event = {
    id: expect.any(Number),
    at: core.clock.now(),
    name: 'user.disabled',
    accountId: account.id,
    email: account.email,
    sessionId,
    actor: 'admin',
    actorId: admin.id,
    actorEmail: admin.email,
    ...PHONE,
    details,
  }
  expect(items).toEqual([event])
  expect(await showAuditEvent(core, items[0]!.id)).toEqual(event)

  await core.db.many(DELETE_ACCOUNT, [account.id])
  expect(await showAuditEvent(core, items[0]!.id)).toEqual({ ...event, email: null })
  await expect(showAuditEvent(core, Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({ code: 'not_found' })
})

test('filters go together, and an address may be written in any way', async ({ alone, clock }) => {
  const admin = { kind: 'admin', accountId: 1, sessionId: crypto.randomUUID(), ...PHONE, device: null } as const
  const owner = { ...admin, kind: 'owner', ...NO_ORIGIN } as const
  await write(alone, admin, 2, 'user.disabled', 'user.enabled')
  clock.advance(60)
  const later = clock.now()
  await write(alone, admin, 1, 'user.enabled')
  await write(alone, owner, 1, 'user.updated')
  await write(alone, COMMAND, 2, 'user.deleted')
  const list = async (filter: AuditFilter) => namesOf(await readAll(alone, filter))

  expect(await list({})).toEqual(['user.deleted', 'user.updated', 'user.enabled', 'user.enabled', 'user.disabled'])
  expect(await list({ order: 'oldest', limit: 2 })).toEqual((await list({})).toReversed())
  expect(await list({ name: 'user.enabled' })).toHaveLength(2)
  expect(await list({ name: 'user.enabled', accountId: 2 })).toHaveLength(1)
  expect(await list({ accountId: 2 })).toEqual(['user.deleted', 'user.enabled', 'user.disabled'])
  // What an admin did as the owner of an account is no act of an admin.
  expect(await list({ actorId: 1 })).toEqual(['user.enabled', 'user.enabled', 'user.disabled'])
  expect(await list({ address: '2001:DB8:0::0001', accountId: 1 })).toEqual(['user.enabled'])
  expect(await list({ address: 'nowhere' })).toEqual([])
  expect(await list({ from: later })).toEqual(['user.deleted', 'user.updated', 'user.enabled'])
  expect(await list({ to: later })).toEqual(['user.enabled', 'user.disabled'])
})

test('pages leave nothing out and show nothing twice, in microseconds, across months, in both orders', async ({
  alone,
}) => {
  for (let id = 1; id <= 40; id++) await write(alone, COMMAND, null, 'user.updated')
  // Several at the same time, several within a millisecond, on both sides of a month's beginning.
  const year = alone.clock.now().getUTCFullYear()
  for (let id = 1; id <= 40; id++) {
    const microseconds = String(Math.floor(id / 3)).padStart(6, '0')
    await alone.db.many(MICROSECONDS, [`${id % 2 ? year : year + 1}-01-01T00:00:00.${microseconds}Z`, id])
  }
  const newest = await readAll(alone, { limit: 200 })
  const ids = newest.map(({ id }) => id)
  expect(new Set(ids).size).toBe(40)
  const options = { examples: [[1], [39], [40], [41]] as [number][], numRuns: 8 }
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 45 }), async (limit) => {
      expect((await readAll(alone, { limit })).map(({ id }) => id)).toEqual(ids)
      expect((await readAll(alone, { limit, order: 'oldest' })).map(({ id }) => id)).toEqual(ids.toReversed())
    }),
    options,
  )
})

test('a page may be empty, and what is no cursor is said to be none', async ({ alone }) => {
  expect(await listAuditEvents(alone)).toEqual({ items: [], next: undefined })
  for (const cursor of ['', 'x', Buffer.from('["2026-01-01",1]').toString('base64url')]) {
    await expect(listAuditEvents(alone, { cursor })).rejects.toMatchObject({ code: 'invalid_input' })
  }
})
