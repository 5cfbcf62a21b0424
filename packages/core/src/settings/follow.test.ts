import { COMMAND } from '../audit/origin.ts'
import { systemClock } from '../clock.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { silentLog } from '../log.ts'
import { createProxy } from '../testing/proxy.ts'
import { expect, test as base } from '../testing/test.ts'
import { saveSettings } from './change.ts'
import { followSettings } from './follow.ts'

const test = base
  .extend('ownDatabase', async ({ migratedDatabase }) => await migratedDatabase())
  .extend(
    'own',
    async ({ ownDatabase, createInstance }) =>
      async () =>
        createInstance({ databaseUrl: ownDatabase }),
  )
  .extend('follow', ({}, { onCleanup }) => {
    const stops: (() => Promise<void>)[] = []
    onCleanup(async () => {
      await Promise.all(stops.map((stop) => stop()))
    })
    return (...following: Parameters<typeof followSettings>) => void stops.push(followSettings(...following))
  })

const LISTENERS = statement<{ pid: number }>(
  'test.listeners',
  `select pid from pg_stat_activity
    where application_name = 'latchkey listen' and datname = current_database() and query like 'listen%' order by pid`,
)
const KILL = statement('test.kill', 'select pg_terminate_backend($1)')
/** As a save would be whose notification is lost on the way. */
const SAVE_SILENTLY = statement(
  'test.save-silently',
  `insert into settings_revision (number, at, kind, actor, changes, stored)
   select number + 1, at, kind, actor, changes, '{"values": {"REFRESH_GRACE": 7}, "overrides": {}}'
     from settings_revision order by number desc limit 1`,
)

/** So far apart that within a test nobody but the listener can have told. */
const NEVER = 1e8
/** What is promised. */
const SOON = { timeout: 1000, interval: 5 }
/** What only has to be so before a test begins, on however busy a machine. */
const READY = { timeout: 10_000, interval: 5 }

const save = (core: Core, seconds: number) =>
  saveSettings(core, { changes: { ACCESS_TOKEN_LIFETIME: seconds }, base: core.settings.revision() }, COMMAND)

const pids = async ({ db }: Core) => (await db.many(LISTENERS, [])).map(({ pid }) => pid)

test('a save on one instance is in force on the others within a second, and tells whoever wants to know', async ({
  own,
  follow,
}) => {
  const [one, two] = [await own(), await own()]
  const applied: number[] = []
  follow(one, {}, NEVER)
  follow(two, { onApplied: (revision) => applied.push(revision) }, NEVER)
  await expect.poll(() => pids(one), READY).toHaveLength(2)
  for (const seconds of [60, 70, 80]) {
    await save(one, seconds)
    await expect.poll(() => two.settings.current().ACCESS_TOKEN_LIFETIME, SOON).toBe(seconds)
  }
  expect(applied).toEqual([1, 2, 3])
  await save(two, 90)
  await expect.poll(() => one.settings.current().ACCESS_TOKEN_LIFETIME, SOON).toBe(90)
})

test('a listener that is cut is back within a second, and has missed nothing', async ({ own, follow }) => {
  const [one, two] = [await own(), await own()]
  follow(two, {}, NEVER)
  await expect.poll(() => pids(one), READY).toHaveLength(1)
  for (const seconds of [60, 70]) {
    const [pid = 0] = await pids(one)
    await one.db.many(KILL, [pid])
    await save(one, seconds)
    await expect.poll(() => two.settings.current().ACCESS_TOKEN_LIFETIME, SOON).toBe(seconds)
    await expect.poll(() => pids(one), SOON).toHaveLength(1)
    expect(await pids(one)).not.toEqual([pid])
  }
})

test('a look finds what the listener did not tell, and has it connect again', async ({ own, follow }) => {
  const [one, two] = [await own(), await own()]
  await save(one, 60)
  follow(two, {}, 100)
  await expect.poll(() => pids(one), READY).toHaveLength(1)
  const [pid] = await pids(one)
  await one.db.many(SAVE_SILENTLY, [])
  await expect.poll(() => two.settings.current().REFRESH_GRACE, SOON).toBe(7)
  await expect.poll(() => pids(one), READY).not.toContain(pid)
  await expect.poll(() => pids(one), SOON).toHaveLength(1)
})

test('an override ends by the timer of the instances, without anybody asking', async ({
  ownDatabase,
  createInstance,
  follow,
}) => {
  const cores = await Promise.all([1, 2, 3].map(() => createInstance({ databaseUrl: ownDatabase, clock: systemClock })))
  for (const core of cores) follow(core, {}, NEVER)
  await expect.poll(() => pids(cores[0]!), READY).toHaveLength(3)
  await saveSettings(cores[0]!, { changes: { REFRESH_GRACE: 2 }, base: 0, forSeconds: 1 }, COMMAND)
  await expect.poll(() => cores.map(({ settings }) => settings.revision()), { timeout: 3000 }).toEqual([2, 2, 2])
  for (const { settings } of cores) expect(settings.current().REFRESH_GRACE).toBe(10)
})

test('a database that is away ends nothing: the values stay, and come up to date when it is back', async ({
  ownDatabase,
  own,
  createInstance,
  follow,
}) => {
  const one = await own()
  const proxy = await createProxy(ownDatabase)
  const warnings: string[] = []
  const log = { ...silentLog, warn: (_: object, message: string) => void warnings.push(message) }
  const far = await createInstance({ databaseUrl: proxy.url, log })
  await save(one, 60)
  follow(far, {}, 100)
  await expect.poll(() => far.settings.current().ACCESS_TOKEN_LIFETIME, READY).toBe(60)
  proxy.cut()
  await expect.poll(() => warnings, READY).toContain('the settings cannot be looked at; those in force stay')
  await save(one, 70)
  expect(far.settings.current().ACCESS_TOKEN_LIFETIME).toBe(60)
  proxy.mend()
  await expect.poll(() => far.settings.current().ACCESS_TOKEN_LIFETIME, READY).toBe(70)
  await expect.poll(() => pids(one), READY).toHaveLength(1)
  expect(warnings.filter((message) => message.startsWith('the settings cannot'))).toHaveLength(1)
  await far.close()
  await proxy.close()
})

test('whoever stops following leaves no connection behind', async ({ own }) => {
  const core = await own()
  const stop = followSettings(core, {}, NEVER)
  await expect.poll(() => pids(core), READY).toHaveLength(1)
  await stop()
  await expect.poll(() => pids(core), SOON).toEqual([])
})
