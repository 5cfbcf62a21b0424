import { LatchkeyError } from '../errors.ts'
import { expect, test } from '../testing/test.ts'
import { lockInTransaction, tryLocked } from './lock.ts'
import { statement } from './statement.ts'

const ADD = statement('test.add', `insert into audit_event (at, name) values (now(), $1)`)
const COUNT = statement<{ count: number }>('test.count', 'select count(*) as count from audit_event where name = $1')
const BACKEND = statement<{ pid: number }>('test.backend', 'select pg_backend_pid() as pid')
const NONSENSE = statement('test.nonsense', 'select 1 / 0')
const FAULT = new Error('planted')
const fail = async () => {
  throw FAULT
}

test('a transaction that throws leaves nothing behind, and its connection to nobody', async ({ createInstance }) => {
  const { db } = await createInstance({ poolSize: 1 })
  const failing = db.transaction(async (transaction) => {
    await lockInTransaction(transaction, 'test')
    await transaction.many(ADD, ['rolled back'])
    throw FAULT
  })
  await expect(failing).rejects.toBe(FAULT)
  expect(await db.one(COUNT, ['rolled back'])).toEqual({ count: 0 })
  await db.many(ADD, ['after it'])
  expect(await db.one(COUNT, ['after it'])).toEqual({ count: 1 })
})

test('a refusal in a transaction costs no connection, and its locks are free', async ({ createInstance }) => {
  const [{ db }, other] = [await createInstance({ poolSize: 1 }), await createInstance()]
  const backend = await db.one(BACKEND, [])
  for (const error of [new LatchkeyError('not_found'), FAULT]) {
    const refused = db.transaction(async (transaction) => {
      await lockInTransaction(transaction, 'test')
      throw error
    })
    await expect(refused).rejects.toBe(error)
  }
  await expect(db.transaction((transaction) => transaction.many(NONSENSE, []))).rejects.toThrow('division by zero')
  expect(await db.one(BACKEND, [])).toEqual(backend)
  expect(await tryLocked(other.db, 'test', async () => {})).toBe(true)
})

test('a lock is free again when what was done under it throws', async ({ createInstance }) => {
  const [{ db }, other] = [await createInstance({ poolSize: 1 }), await createInstance()]
  await expect(tryLocked(db, 'test', fail)).rejects.toBe(FAULT)
  // Its connection is closed, and PostgreSQL notices that a moment later.
  await expect.poll(() => tryLocked(other.db, 'test', async () => {})).toBe(true)
})

test('of two who want a lock one gets it, and the other is told', async ({ core, createInstance }) => {
  const other = await createInstance()
  await tryLocked(core.db, 'test', async () => {
    expect(await tryLocked(other.db, 'test', async () => {})).toBe(false)
  })
  expect(await tryLocked(other.db, 'test', async () => {})).toBe(true)
})
