import { COMMAND } from '../audit/origin.ts'
import type { Log } from '../log.ts'
import { statement } from '../database/statement.ts'
import { expect, test } from '../testing/test.ts'
import { rollbackSettings, saveSettings } from './change.ts'
import { listSettings } from './list.ts'
import { resolveSettings } from './resolve.ts'
import { defaultSettings } from './snapshot.ts'
import { storedFrom } from './stored.ts'

const defaults = defaultSettings(false)
const now = new Date('2026-06-01T12:00:00Z')
const later = '2026-06-01T13:00:00.000Z'

const resolve = (stored: unknown, environment = {}) =>
  resolveSettings({ defaults, environment }, storedFrom(stored), now)

test('environment comes before override before revision before default', () => {
  const override = { value: 3, until: later }
  const { values, sources, until } = resolve(
    {
      values: { REFRESH_GRACE: 2, ACCESS_TOKEN_LIFETIME: 60, SESSION_RETENTION: 0 },
      overrides: { REFRESH_GRACE: override, ACCESS_TOKEN_LIFETIME: { value: 90, until: later } },
    },
    { REFRESH_GRACE: 4 },
  )
  expect(values).toEqual({ ...defaults, REFRESH_GRACE: 4, ACCESS_TOKEN_LIFETIME: 90, SESSION_RETENTION: 0 })
  expect(sources).toMatchObject({
    REFRESH_GRACE: 'environment',
    ACCESS_TOKEN_LIFETIME: 'override',
    SESSION_RETENTION: 'revision',
    REGISTRATION_OPEN: 'default',
  })
  expect(until).toEqual(new Date(later))
})

test.for([
  null,
  7,
  [],
  {},
  { values: [], overrides: 'none' },
  { values: { REFRESH_GRACE: { seconds: 3 }, ACCESS_TOKEN_LIFETIME: null, REGISTRATION_OPEN: 'on' }, overrides: {} },
  { values: {}, overrides: { REFRESH_GRACE: 5, ACCESS_TOKEN_LIFETIME: { value: 60, until: 'tomorrow' } } },
  { values: { OF_TOMORROW: 1 }, overrides: { OF_TOMORROW: { value: 2, until: later } } },
])('what %j stores is left out, and everything has its default', (stored) => {
  expect(resolve(stored).values).toEqual(defaults)
})

test('an override that this version does not take leaves the value below it in force', () => {
  const stored = { values: { REFRESH_GRACE: 2 }, overrides: { REFRESH_GRACE: { value: 'short', until: later } } }
  const { values, sources, ignored } = resolve(stored)
  expect([values.REFRESH_GRACE, sources.REFRESH_GRACE]).toEqual([2, 'revision'])
  expect(ignored.get('REFRESH_GRACE')).toContain('This version takes from 0s to 1m')
})

test('where a rule is broken together with this environment, overrides are left out first, then values', () => {
  const stored = {
    values: { ACCESS_TOKEN_LIFETIME: 600 },
    overrides: { ACCESS_TOKEN_LIFETIME: { value: 7200, until: later } },
  }
  const mild = resolve(stored, { REFRESH_TOKEN_LIFETIME: 3600 })
  expect([mild.values.ACCESS_TOKEN_LIFETIME, mild.sources.ACCESS_TOKEN_LIFETIME]).toEqual([600, 'revision'])
  const strict = resolve(stored, { REFRESH_TOKEN_LIFETIME: 60 })
  expect([strict.values.ACCESS_TOKEN_LIFETIME, strict.sources.ACCESS_TOKEN_LIFETIME]).toEqual([30, 'default'])
  expect(strict.ignored.get('ACCESS_TOKEN_LIFETIME')).toContain('cannot be longer')
})

test('what a newer version has saved does no harm to an older one, is warned of once, and survives its saves', async ({
  createInstance,
  migratedDatabase,
}) => {
  const databaseUrl = await migratedDatabase()
  const warnings: string[] = []
  const log: Log = { info: () => {}, error: () => {}, warn: (details) => warnings.push(JSON.stringify(details)) }
  const first = await createInstance({ databaseUrl })
  const stored = {
    values: { OF_TOMORROW: { a: [1] }, REFRESH_GRACE: 'adaptive', ACCESS_TOKEN_LIFETIME: 60 },
    overrides: { ALSO_OF_TOMORROW: { value: 1, until: '2999-01-01T00:00:00.000Z', why: 'x' } },
    layout: 2,
  }
  await first.db.many(
    statement(
      'test.of-tomorrow',
      `insert into settings_revision (number, at, kind, actor, changes, stored)
       values (7, now(), 'change', 'command', '[{"name": "OF_TOMORROW", "from": null, "to": {"a": [1]}}]', $1::jsonb)`,
    ),
    [JSON.stringify(stored)],
  )
  const core = await createInstance({ databaseUrl, log })
  expect(core.settings.current()).toMatchObject({ ACCESS_TOKEN_LIFETIME: 60, REFRESH_GRACE: 10 })
  expect(listSettings(core).settings.find(({ name }) => name === 'REFRESH_GRACE')?.ignored).toContain('takes')
  await saveSettings(core, { changes: { REGISTRATION_OPEN: false }, base: 7 }, COMMAND)
  expect(warnings.map((line) => line.match(/"setting":"(\w+)"/)?.[1])).toEqual([
    'OF_TOMORROW',
    'ALSO_OF_TOMORROW',
    'REFRESH_GRACE',
  ])
  const STORED = statement<{ stored: object }>('test.stored', 'select stored from settings_revision where number = $1')
  const kept = { ...stored, values: { ...stored.values, REGISTRATION_OPEN: false } }
  expect(await core.db.one(STORED, [8])).toEqual({ stored: kept })
  await rollbackSettings(core, { to: 7, base: 8 }, COMMAND)
  expect(await core.db.one(STORED, [9])).toEqual({
    stored: { ...stored, values: { ...stored.values, ALSO_OF_TOMORROW: 1 }, overrides: {} },
  })
})
