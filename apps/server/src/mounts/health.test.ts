import { createCore } from '@latchkey/core'
import { expect, test } from '@latchkey/core/testing'
import { mountHealth } from './health.ts'

test('/livez answers without any look at the database', async ({ createInstance }) => {
  const core = await createInstance()
  await core.close()
  const health = mountHealth({ core, state: { draining: false } })
  const live = await health.request('/livez')
  expect(live.status).toBe(200)
  expect(await live.json()).toEqual({ status: 'live' })
})

test('/readyz says that every part is ready', async ({ core }) => {
  const ready = await mountHealth({ core, state: { draining: false } }).request('/readyz')
  expect(ready.status).toBe(200)
  expect(await ready.json()).toEqual({ status: 'ready', database: 'ok', migrations: 'ok', keys: 'ok', draining: false })
})

test('HEAD and the slash at the end do as well', async ({ core }) => {
  const health = mountHealth({ core, state: { draining: false } })
  const head = await health.request('/readyz/', { method: 'HEAD' })
  expect(head.status).toBe(200)
  expect(await head.text()).toBe('')
})

test('a database that is gone makes it unready, and nobody learns why', async ({ createInstance }) => {
  const core = await createInstance()
  await core.close()
  const unready = await mountHealth({ core, state: { draining: false } }).request('/readyz')
  expect(unready.status).toBe(503)
  expect(unready.headers.get('retry-after')).toBe('1')
  expect(await unready.json()).toEqual({
    status: 'not ready',
    database: 'not ready',
    migrations: 'unknown',
    keys: 'unknown',
    draining: false,
  })
})

test('an empty database is one whose migrations are missing', async ({ emptyDatabase, onTestFinished }) => {
  const options = { databaseUrl: await emptyDatabase(), rootSecret: 'x'.repeat(32), issuer: 'http://localhost:8000' }
  const core = await createCore(options)
  onTestFinished(() => core.close())
  const unready = await mountHealth({ core, state: { draining: false } }).request('/readyz')
  expect(await unready.json()).toMatchObject({ database: 'ok', migrations: 'not ready', keys: 'unknown' })
})

test('draining is unready at once', async ({ core }) => {
  const state = { draining: false }
  const health = mountHealth({ core, state })
  expect((await health.request('/readyz')).status).toBe(200)
  state.draining = true
  const unready = await health.request('/readyz')
  expect(unready.status).toBe(503)
  expect(await unready.json()).toMatchObject({ draining: true })
})

test('a hundred probes ask the database once', async ({ createInstance }) => {
  let asked = 0
  const core = await createInstance()
  const db = new Proxy(core.db, {
    get(target, name) {
      if (name === 'many') asked++
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const health = mountHealth({ core: { ...core, db }, state: { draining: false } })
  await Promise.all(Array.from({ length: 100 }, async () => await health.request('/readyz')))
  expect(asked).toBe(1)
})
