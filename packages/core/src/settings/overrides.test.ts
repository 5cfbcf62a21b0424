import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { expect, test as base } from '../testing/test.ts'
import { rollbackSettings, saveSettings } from './change.ts'
import { loadSettings } from './follow.ts'
import { listSettings } from './list.ts'

const test = base.extend('own', async ({ migratedDatabase, createInstance }) => {
  const databaseUrl = await migratedDatabase()
  return async (options: Parameters<typeof createInstance>[0] = {}) => createInstance({ databaseUrl, ...options })
})

const REVISIONS = statement<{ number: number; kind: string; actor: string; changes: object[] }>(
  'test.override-revisions',
  'select number, kind, actor, changes from settings_revision order by number',
)
const ENDED = statement<{ count: number }>(
  'test.override-events',
  `select count(*) as count from audit_event where name = 'settings.override.ended'`,
)

const save = (core: Core, changes: Record<string, unknown>, forSeconds?: number) =>
  saveSettings(core, { changes, base: core.settings.revision(), ...(forSeconds && { forSeconds }) }, COMMAND)

test('an override ends at its moment on every instance, whether or not anybody could write it down', async ({
  own,
  clock,
}) => {
  const [one, two] = [await own(), await own()]
  await save(one, { ACCESS_TOKEN_LIFETIME: 60 })
  const { changes } = await save(one, { ACCESS_TOKEN_LIFETIME: 900 }, 7200)
  expect(changes).toEqual([
    { name: 'ACCESS_TOKEN_LIFETIME', from: 60, to: 900, until: new Date(clock.now().getTime() + 7_200_000) },
  ])
  await loadSettings(two)
  clock.advance(7199)
  for (const core of [one, two]) expect(core.settings.current().ACCESS_TOKEN_LIFETIME).toBe(900)
  const view = () => listSettings(two).settings.find(({ name }) => name === 'ACCESS_TOKEN_LIFETIME')
  expect(view()).toMatchObject({ source: 'override', until: changes[0]?.until, text: '15m' })
  clock.advance(1)
  for (const core of [one, two]) expect(core.settings.current().ACCESS_TOKEN_LIFETIME).toBe(60)
  expect(view()).toMatchObject({ source: 'revision', value: 60 })
  expect(view()).not.toHaveProperty('until')
})

test('its end is one revision and one audit event, though three instances race for it', async ({ own, clock }) => {
  const cores = [await own(), await own(), await own()]
  await save(cores[0]!, { ACCESS_TOKEN_LIFETIME: 900, REFRESH_GRACE: 2 }, 60)
  await Promise.all(cores.map(loadSettings))
  clock.advance(60)
  await Promise.all([...cores, ...cores, ...cores].map(loadSettings))
  const ended = {
    number: 2,
    kind: 'override_ended',
    actor: 'system',
    changes: expect.arrayContaining([{ name: 'ACCESS_TOKEN_LIFETIME', from: 900, to: null }]),
  }
  expect((await cores[0]!.db.many(REVISIONS, [])).slice(1)).toEqual([ended])
  expect(await cores[0]!.db.one(ENDED, [])).toEqual({ count: 1 })
  for (const core of cores) {
    expect([core.settings.revision(), core.settings.overridesDue()]).toEqual([2, false])
    expect(core.settings.current()).toMatchObject({ ACCESS_TOKEN_LIFETIME: 30, REFRESH_GRACE: 10 })
  }
})

test('it ends once, too, when everything was down at its time', async ({ own, clock }) => {
  const before = await own()
  await save(before, { REGISTRATION_OPEN: false }, 3600)
  await before.close()
  clock.advance(100_000)
  const [one, two] = await Promise.all([own(), own()])
  for (const core of [one, two]) expect(core.settings.current().REGISTRATION_OPEN).toBe(true)
  expect((await one.db.many(REVISIONS, [])).map(({ kind }) => kind)).toEqual(['change', 'override_ended'])
  expect(await one.db.one(ENDED, [])).toEqual({ count: 1 })
})

test('a save after an end that nobody has written down writes both, and is no conflict', async ({ own, clock }) => {
  const core = await own()
  await save(core, { REFRESH_GRACE: 2 }, 60)
  clock.advance(61)
  expect((await save(core, { REGISTRATION_OPEN: false })).revision).toBe(3)
  expect((await core.db.many(REVISIONS, [])).map(({ kind }) => kind)).toEqual(['change', 'override_ended', 'change'])
})

test('setting the name without a time replaces the override; a reset for a while is the default for a while', async ({
  own,
  clock,
}) => {
  const core = await own()
  await save(core, { REFRESH_GRACE: 2 }, 60)
  await save(core, { REFRESH_GRACE: 5 })
  clock.advance(61)
  expect(await loadSettings(core)).toBe(2)
  expect(core.settings.current().REFRESH_GRACE).toBe(5)
  await save(core, { REFRESH_GRACE: null }, 60)
  expect(core.settings.current().REFRESH_GRACE).toBe(10)
  clock.advance(60)
  expect(core.settings.current().REFRESH_GRACE).toBe(5)
})

test('what would break a rule only once an override ends is refused at once', async ({ own }) => {
  const core = await own()
  await save(core, { REFRESH_TOKEN_LIFETIME: '1h' })
  await save(core, { REFRESH_TOKEN_LIFETIME: '10h' }, 600)
  await expect(save(core, { ACCESS_TOKEN_LIFETIME: '2h' })).rejects.toMatchObject({
    fields: [
      {
        code: 'setting_rule_broken',
        message:
          'ACCESS_TOKEN_LIFETIME cannot be longer than REFRESH_TOKEN_LIFETIME. So it would be once an override ends.',
      },
    ],
  })
  await save(core, { ACCESS_TOKEN_LIFETIME: '2h' }, 599)
  expect(core.settings.current().ACCESS_TOKEN_LIFETIME).toBe(7200)
})

test('a rollback to a revision with overrides makes plain values of them', async ({ own, clock }) => {
  const core = await own()
  await save(core, { REFRESH_GRACE: 2 }, 60)
  await save(core, { REFRESH_GRACE: 3 }, 600)
  await rollbackSettings(core, { to: 1, base: 2 }, COMMAND)
  expect(core.settings.nextOverrideEnd()).toBeUndefined()
  clock.advance(1000)
  expect(await loadSettings(core)).toBe(3)
  expect([core.settings.current().REFRESH_GRACE, core.settings.source('REFRESH_GRACE')]).toEqual([2, 'revision'])
})
