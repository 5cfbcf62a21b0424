import { decodeJwt } from 'jose'
import { Client } from 'pg'
import { readiness } from '../readiness.ts'
import { login } from '../sessions/login.ts'
import { refresh } from '../sessions/refresh.ts'
import { createProxy } from '../testing/proxy.ts'
import { expect, test as base } from '../testing/test.ts'
import { statement } from './statement.ts'

const UNAVAILABLE = { code: 'unavailable', retryAfter: 1 }

/** An instance behind a wire, and a session that was opened over it. */
const test = base
  .extend('proxy', async ({ databaseUrl }, { onCleanup }) => {
    const proxy = await createProxy(databaseUrl)
    onCleanup(() => proxy.close())
    return proxy
  })
  .extend('remote', ({ createInstance, proxy }) => createInstance({ databaseUrl: proxy.url, poolSize: 2 }))
  .extend('token', async ({ remote, makeAccount }) => (await login(remote, await makeAccount())).refreshToken)

/** Asserts a 503 within 3 seconds, whatever the fault is. */
async function expectUnavailable(answer: Promise<unknown>): Promise<void> {
  const start = performance.now()
  await expect(answer).rejects.toMatchObject(UNAVAILABLE)
  expect(performance.now() - start).toBeLessThan(3000)
}

test('a database that is gone: unavailable, and the session goes on when it is back', async ({
  remote,
  proxy,
  token,
}) => {
  proxy.cut()
  await expectUnavailable(refresh(remote, token))
  proxy.mend()
  expect((await refresh(remote, token)).refreshToken).toBeTruthy()
})

test('connections that break while a statement of a batch or of another kind runs end it, and nothing else', async ({
  remote,
  proxy,
  token,
}) => {
  const running = remote.db.batches.many(statement('test.slow-batch', 'select pg_sleep(1)'), [])
  const alone = remote.db.many(statement('test.slow-alone', 'select pg_sleep(1)'), [])
  await expect.poll(() => remote.db.pool().idle).toBe(0)
  setTimeout(() => proxy.cut(), 100)
  await Promise.all([expectUnavailable(running), expectUnavailable(alone)])
  proxy.mend()
  expect((await refresh(remote, token)).refreshToken).toBeTruthy()
})

test('a database that does not answer: unavailable, for those who wait for a connection too', async ({
  remote,
  proxy,
  token,
}) => {
  proxy.freeze()
  await Promise.all(Array.from({ length: 8 }, () => expectUnavailable(refresh(remote, token))))
  proxy.mend()
  expect((await refresh(remote, token)).refreshToken).toBeTruthy()
})

test('a row that is locked: unavailable, and the session goes on', async ({ core, databaseUrl, login: logIn }) => {
  const { accessToken, refreshToken } = await logIn()
  const locker = new Client({ connectionString: databaseUrl })
  await locker.connect()
  await locker.query('begin')
  await locker.query('select from session where id = $1 for update', [decodeJwt(accessToken).sid])
  await expectUnavailable(refresh(core, refreshToken))
  await locker.query('rollback')
  await locker.end()
  expect((await refresh(core, refreshToken)).refreshToken).toBeTruthy()
})

test('a statement that takes too long is ended by the server', async ({ core }) => {
  await expectUnavailable(core.db.many(statement('test.slow', 'select pg_sleep(60)'), []))
})

test('a read-only database: unavailable, never a logout', async ({ createInstance, databaseUrl, login: logIn }) => {
  const { refreshToken } = await logIn()
  const standby = await createInstance({ databaseUrl: `${databaseUrl}?options=-c%20default_transaction_read_only=on` })
  await expectUnavailable(refresh(standby, refreshToken))
  expect(await readiness(standby)).toEqual({ part: 'database', detail: 'is read-only' })
  const primary = await createInstance()
  expect((await refresh(primary, refreshToken)).refreshToken).toBeTruthy()
})
