import { tryLocked } from '../database/lock.ts'
import { statement } from '../database/statement.ts'
import { expect, test } from '../testing/test.ts'
import { logout } from './logout.ts'
import { pruneSessions } from './prune.ts'
import { refresh } from './refresh.ts'

const COUNT = statement<{ rows: number }>('test.count', 'select count(*) as rows from session where account_id = $1')
const WEEK = 7 * 86_400

test('removes what ended or expired longer ago than the retention, and nothing else', async ({
  core,
  login,
  makeAccount,
  clock,
}) => {
  const account = await makeAccount()
  const [, ended, lives] = [await login(account), await login(account), await login(account)]
  await logout(core, ended.refreshToken)
  clock.advance(WEEK)
  await pruneSessions(core)
  expect(await core.db.one(COUNT, [account.id])).toEqual({ rows: 3 })
  clock.advance(2)
  const { refreshToken } = await refresh(core, lives.refreshToken)
  await pruneSessions(core)
  expect(await core.db.one(COUNT, [account.id])).toEqual({ rows: 2 })
  clock.advance(30 * 86_400 - 1)
  await pruneSessions(core)
  expect(await core.db.one(COUNT, [account.id])).toEqual({ rows: 1 })
  expect((await refresh(core, refreshToken)).refreshToken).toBeTruthy()
})

test('walks a table of many batches', async ({ core, makeAccount, clock }) => {
  const { id } = await makeAccount()
  const fill = statement(
    'test.fill',
    `insert into session (id, account_id, key_id, created_at, ends_by, selector_mac, token_mac, rotated_at, expires_at)
     select gen_random_uuid(), $1, 1, $2, $2, sha256(n::text::bytea), sha256(''), $2, $2 from generate_series(1, 20000) n`,
  )
  await core.db.many(fill, [id, clock.now()])
  clock.advance(WEEK + 1)
  expect(await pruneSessions(core)).toBeGreaterThanOrEqual(20_000)
  expect(await core.db.one(COUNT, [id])).toEqual({ rows: 0 })
})

test('one instance walks at a time', async ({ core, createInstance, login, clock }) => {
  const other = await createInstance()
  await login()
  clock.advance(100 * 86_400)
  await tryLocked(other.db, 'prune sessions', async () => {
    expect(await pruneSessions(core)).toBe(0)
  })
  expect(await pruneSessions(core)).toBeGreaterThan(0)
})
