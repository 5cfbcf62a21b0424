import { vi } from 'vitest'
import type { Core } from '../core.ts'
import { COMMAND } from '../audit/origin.ts'
import { prepare } from '../readiness.ts'
import { readStatistics } from '../statistics/read.ts'
import { saveSettings } from '../settings/change.ts'
import { statement } from '../database/statement.ts'
import { createProxy } from '../testing/proxy.ts'
import { test as secretsTest } from '../testing/secrets.ts'
import { expect, test as base } from '../testing/test.ts'
import { startHeartbeat } from './heartbeat.ts'
import { instancesWithoutSecret, listInstances } from './list.ts'
import { pruneInstances } from './prune.ts'

const NAMED = { name: 'auth-1', version: '1.2.3' }
/** As the version before beats, which knows of no secrets. */
const INSTANCE_OF_BEFORE = `
  insert into instance (id, name, version, started_at, seen_at, revision, refreshes_per_second)
  values (gen_random_uuid(), 'before', '0.9.0', $1, $1, 0, 0)`

const test = base
  .extend('ownDatabase', async ({ emptyDatabase, createInstance }): Promise<string> => {
    const databaseUrl = await emptyDatabase()
    await prepare(await createInstance({ databaseUrl }), { migrating: true })
    return databaseUrl
  })
  /** An instance on a database where nobody else beats. */
  .extend('alone', ({ createInstance, ownDatabase }): Promise<Core> => createInstance({ databaseUrl: ownDatabase }))
  /** A wire to that database. */
  .extend('proxy', async ({ ownDatabase }, { onCleanup }) => {
    const proxy = await createProxy(ownDatabase)
    onCleanup(() => proxy.close())
    return proxy
  })
  /** Starts to beat, until the test is over. */
  .extend('start', ({}, { onCleanup }) => {
    const stops: (() => Promise<void>)[] = []
    onCleanup(async () => {
      for (const stop of stops) await stop()
    })
    return async (core: Core, named = NAMED) => {
      const heartbeat = startHeartbeat(core, named)
      stops.push(() => heartbeat.stop())
      await heartbeat.beat()
      return heartbeat
    }
  })

async function loginsOf(core: Core): Promise<number> {
  const { hours } = await readStatistics(core, { hours: 2 })
  return hours.reduce((sum, { logins }) => sum + logins, 0)
}

test('an instance is there from its start to its end, and is not alive when it says nothing', async ({
  alone,
  clock,
  start,
}) => {
  const startedAt = clock.now()
  const heartbeat = await start(alone)
  const instance = { id: expect.any(String), ...NAMED, startedAt, seenAt: startedAt, revision: 0 }
  expect(await listInstances(alone)).toEqual([{ ...instance, refreshesPerSecond: 0, alive: true }])
  clock.advance(14)
  expect(await listInstances(alone)).toMatchObject([{ alive: true }])
  clock.advance(1)
  expect(await listInstances(alone)).toMatchObject([{ alive: false, seenAt: startedAt }])
  await heartbeat.beat()
  expect(await listInstances(alone)).toMatchObject([{ alive: true, startedAt, seenAt: clock.now() }])
  await heartbeat.stop()
  expect(await listInstances(alone)).toEqual([])
})

test('it says which revision of the settings is in force there, also of one that an instance does not have yet', async ({
  alone,
  createInstance,
  ownDatabase,
  start,
}) => {
  const heartbeat = await start(alone)
  await start(await createInstance({ databaseUrl: ownDatabase }), { ...NAMED, name: 'auth-2' })
  await saveSettings(alone, { base: 0, changes: { ACCESS_TOKEN_LIFETIME: 60 } }, COMMAND)
  await heartbeat.beat()
  expect(await listInstances(alone)).toMatchObject([
    { name: 'auth-1', revision: 1 },
    { name: 'auth-2', revision: 0 },
  ])
})

test('refreshes a second are those since the beat before; one that follows at once changes nothing', async ({
  alone,
  clock,
  start,
}) => {
  const heartbeat = await start(alone)
  const rate = async () => (await listInstances(alone))[0]?.refreshesPerSecond
  const refreshes = (count: number) => {
    for (let i = 0; i < count; i++) alone.counters.count('refreshes')
  }
  refreshes(50)
  clock.advance(5)
  await heartbeat.beat()
  expect(await rate()).toBe(10)
  refreshes(3)
  await heartbeat.beat()
  expect(await rate()).toBe(10)
  refreshes(4)
  clock.advance(5)
  await heartbeat.beat()
  expect(await rate()).toBe(1.4)
  clock.advance(5)
  await heartbeat.beat()
  expect(await rate()).toBe(0)
})

test('beats are told to instances at once, and while one beats one more is enough', async ({ alone, start }) => {
  const heartbeat = await start(alone)
  const many = vi.spyOn(alone.db, 'many')
  await Promise.all([heartbeat.beat(), heartbeat.beat(), heartbeat.beat()])
  expect(many).toHaveBeenCalledTimes(2)
})

test('a beat that fails says so once, throws nothing, and what it had counted is counted by the next', async ({
  proxy,
  createInstance,
  alone,
}) => {
  const said: string[] = []
  const note = (_details: object, message: string) => void said.push(message)
  const core = await createInstance({ databaseUrl: proxy.url, log: { info: note, warn: note, error: note } })
  const heartbeat = startHeartbeat(core, NAMED)
  await heartbeat.beat()
  core.counters.count('logins')
  proxy.cut()
  said.length = 0
  await heartbeat.beat()
  core.counters.count('logins')
  await heartbeat.beat()
  expect(said.filter((message) => message.includes('heartbeat'))).toEqual([expect.stringContaining('failed')])
  expect(await loginsOf(alone)).toBe(0)
  proxy.mend()
  await heartbeat.beat()
  expect(said.filter((message) => message.includes('heartbeat'))).toHaveLength(2)
  expect(await loginsOf(alone)).toBe(2)
  await heartbeat.stop()
})

test('what was counted last is stored when it stops', async ({ alone, start }) => {
  const heartbeat = await start(alone)
  alone.counters.count('logins')
  await heartbeat.stop()
  expect(await loginsOf(alone)).toBe(1)
})

test('instances that beat at once all count', async ({ createInstance, ownDatabase, alone }) => {
  const cores = await Promise.all(Array.from({ length: 4 }, () => createInstance({ databaseUrl: ownDatabase })))
  const beats = cores.map((core) => startHeartbeat(core, NAMED))
  const names = ['logins', 'refreshes', 'replays', 'registrations', 'logins_failed'] as const
  for (let round = 0; round < 20; round++) {
    cores.forEach(({ counters }, at) => {
      for (const name of at % 2 ? names : names.toReversed()) counters.count(name)
    })
    await Promise.all(beats.map((each) => each.beat()))
  }
  await Promise.all(beats.map((each) => each.stop()))
  expect(await loginsOf(alone)).toBe(80)
})

test('an instance that was killed is forgotten after a day', async ({
  alone,
  clock,
  start,
  createInstance,
  ownDatabase,
}) => {
  await start(await createInstance({ databaseUrl: ownDatabase }), { ...NAMED, name: 'killed' })
  clock.advance(86_400)
  const heartbeat = await start(alone)
  expect(await pruneInstances(alone)).toBe(0)
  clock.advance(1)
  await heartbeat.beat()
  expect(await pruneInstances(alone)).toBe(1)
  expect(await listInstances(alone)).toMatchObject([{ name: 'auth-1' }])
})

secretsTest(
  'it says which root secrets an instance knows; one that says nothing of it knows no new one',
  async ({ old, both, clock }) => {
    const named = (name: string) => ({ ...NAMED, name })
    const heartbeats = [startHeartbeat(old, named('old')), startHeartbeat(both, named('both'))]
    for (const heartbeat of heartbeats) await heartbeat.beat()
    await both.db.many(statement('test.version-before', INSTANCE_OF_BEFORE), [clock.sql()])
    expect(await instancesWithoutSecret(both)).toEqual(['before', 'old'])
    expect(await instancesWithoutSecret(old)).toEqual(['before'])
    await heartbeats[0]?.stop()
    clock.advance(15)
    await heartbeats[1]?.beat()
    expect(await instancesWithoutSecret(both)).toEqual([])
    await heartbeats[1]?.stop()
  },
)
