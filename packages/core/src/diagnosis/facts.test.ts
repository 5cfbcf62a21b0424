import { createAccount } from '../accounts/create.ts'
import { COMMAND } from '../audit/origin.ts'
import { systemClock } from '../clock.ts'
import { statement, UNPREPARED } from '../database/statement.ts'
import { expect, PASSWORD, test } from '../testing/test.ts'
import { contentFacts, executedMigrations, serverFacts } from './facts.ts'

test('tells of the server, and how far its clock is from this one', async ({ createInstance, clock }) => {
  const real = await serverFacts(await createInstance({ clock: systemClock }))
  expect(real).toMatchObject({ versionFits: true, synchronousCommit: 'on', writable: true })
  expect(Math.abs(real.clockAheadSeconds)).toBeLessThan(0.5)
  clock.advance(100)
  const late = await serverFacts(await createInstance())
  expect(late.clockAheadSeconds).toBeLessThan(-98)
})

test('tells how long a transaction has been open that keeps old rows', async ({ core }) => {
  await core.db.transaction(async (transaction) => {
    await transaction.many(statement('test.begin-writing', 'select txid_current()'), [])
    await transaction.many(statement('test.wait', 'select pg_sleep(0.2)'), [])
    expect((await serverFacts(core)).oldestTransactionSeconds).toBeGreaterThan(0.2)
  })
})

test('counts active admins, and events that no month takes', async ({ migratedDatabase, createInstance }) => {
  const core = await createInstance({ databaseUrl: await migratedDatabase() })
  expect(await contentFacts(core)).toMatchObject({ admins: 0, eventsWithoutMonth: 0, revision: 0, sessions: 0 })
  await createAccount(core, { email: 'ann@example.com', password: PASSWORD, role: 'admin' }, COMMAND)
  await core.db.many(
    statement(UNPREPARED, `insert into audit_event (at, name) values ('2001-01-01', 'user.updated')`),
    [],
  )
  const facts = await contentFacts(core)
  expect(facts).toMatchObject({ admins: 1, eventsWithoutMonth: 1, revision: 0 })
  expect(facts.sessionBytes).toBeGreaterThan(8192)
})

test('names the migrations that the database has', async ({ core }) => {
  expect(await executedMigrations(core)).toContain('0002-operators')
})
