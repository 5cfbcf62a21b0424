import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { expect, test as base } from '../testing/test.ts'
import { rollbackSettings, saveSettings } from './change.ts'
import { effectsOf } from './effects.ts'
import { countAccounts } from './figures.ts'
import { previewSettings } from './preview.ts'
import { type SettingName, SETTING_NAMES } from './registry.ts'
import { choicesOf } from './text.ts'

/**
 * 1,000 accounts, two of them admins; account n has n % 4 live sessions, of which the first was used just now and the
 * others n hours ago, and one that ended ten days ago.
 */
const FILL = [
  statement(
    'test.accounts',
    `insert into account (email, email_normal, password_hash, role, created_at)
     select 'u' || n || '@example.com', 'u' || n || '@example.com',
            case when n <= 300 then '$argon2id$v=19$m=7168,t=1,p=1$c2FsdA$aGFzaA' else '$argon2id$v=19$t=1,p=1,m=9000$c2FsdA$aGFzaA' end,
            case when n <= 2 then 'admin' else 'user' end, $1::timestamptz - make_interval(hours => n)
       from generate_series(1, 1000) as n`,
  ),
  statement(
    'test.live-sessions',
    `insert into session (id, account_id, key_id, created_at, ends_by, selector_mac, token_mac, rotated_at, expires_at)
     select gen_random_uuid(), a.id, 1, $1::timestamptz - interval '60 days', $1::timestamptz + interval '300 days',
            uuid_send(gen_random_uuid()), uuid_send(gen_random_uuid()),
            $1::timestamptz - case when s = 1 then interval '5 seconds' else make_interval(hours => a.id) end,
            $1::timestamptz + interval '30 days'
       from account as a, generate_series(1, a.id % 4) as s`,
  ),
  statement(
    'test.ended-sessions',
    `insert into session (id, account_id, key_id, created_at, ends_by, selector_mac, token_mac, rotated_at, expires_at, ended_at)
     select gen_random_uuid(), a.id, 1, $1::timestamptz - interval '60 days', $1::timestamptz + interval '300 days',
            uuid_send(gen_random_uuid()), uuid_send(gen_random_uuid()), $1::timestamptz - interval '20 days',
            $1::timestamptz + interval '10 days', $1::timestamptz - interval '10 days'
       from account as a`,
  ),
  statement(
    'test.audit',
    `insert into audit_event (at, name) select $1::timestamptz - make_interval(days => d), 'user.registered'
       from generate_series(0, 199) as d`,
  ),
  statement(
    'test.statistics',
    `insert into statistic (hour, name, bucket, count)
     select date_trunc('hour', $1::timestamptz) - make_interval(hours => h), 'logins', 0, 1 from generate_series(0, 99) as h`,
  ),
]

const test = base.extend('core', async ({ createInstance, migratedDatabase, clock }) => {
  const core = await createInstance({ databaseUrl: await migratedDatabase(), settings: {} })
  for (const fill of FILL) await core.db.many(fill, [clock.sql()])
  return core
})

async function effectOf(core: Core, name: SettingName, value: unknown) {
  const { effects } = await previewSettings(core, { changes: { [name]: value } })
  return effects.find(({ setting }) => setting === name)
}

test('a lifetime of access tokens: new ones only, refreshes a second before and after, and the grace that follows', async ({
  core,
}) => {
  const preview = await previewSettings(core, { changes: { ACCESS_TOKEN_LIFETIME: 5 } })
  expect(preview).toMatchObject({
    base: 0,
    changes: [{ name: 'ACCESS_TOKEN_LIFETIME', from: 30, to: 5, fromText: '30s', toText: '5s' }],
    effects: [
      {
        setting: 'ACCESS_TOKEN_LIFETIME',
        text: 'New access tokens only; those that are out keep their own end. 750 of 1,500 live sessions were used within the last 30s: they refresh about 150 times a second then, instead of 25.',
        figures: { liveSessions: 1500, usedSessions: 750, refreshesPerSecondBefore: 25, refreshesPerSecondAfter: 150 },
      },
      { setting: 'REFRESH_GRACE', figures: { graceSecondsBefore: 10, graceSecondsAfter: 1.7 } },
    ],
  })
  expect(preview.effects[1]?.text).toContain(
    'The grace in force goes from 10s to 1.7s: a third of ACCESS_TOKEN_LIFETIME',
  )
})

test('a lifetime of refresh tokens: how many live sessions were unused for longer', async ({ core }) => {
  expect(await effectOf(core, 'REFRESH_TOKEN_LIFETIME', '20d')).toMatchObject({
    text: 'New refresh tokens only: each session takes the new lifetime at its next refresh. 390 of 1,500 live sessions were unused for longer than 20d.',
    figures: { liveSessions: 1500, unusedSessions: 390 },
  })
})

test('the longest life of a login: whose sessions keep their end', async ({ core }) => {
  expect((await effectOf(core, 'SESSION_MAX_LIFETIME', '30d'))?.text).toBe(
    'Logins of users from now on end after 30d at the latest; 1,497 live sessions of users keep the end of the login.',
  )
  expect((await effectOf(core, 'ADMIN_SESSION_MAX_LIFETIME', '1h'))?.text).toBe(
    'Logins of admins from now on end after 1h at the latest; 3 live sessions of admins keep the end of the login.',
  )
})

test('sessions of an account: how many accounts have more, and how many sessions would end', async ({ core }) => {
  expect(await effectOf(core, 'SESSIONS_PER_ACCOUNT_MAX', 2)).toMatchObject({
    text: '250 of 750 accounts with live sessions have more than 2: 500 sessions would end at the next logins, those that were unused for longest.',
    figures: { accounts: 250, sessions: 500, accountsWithSessions: 750 },
  })
})

test('passwords: what stays, and who gets a new hash, in whatever order the hash names its costs', async ({ core }) => {
  const { changes, effects } = await previewSettings(core, {
    changes: { PASSWORD_LENGTH_MIN: 12, PASSWORD_COMMON_REFUSED: true },
  })
  expect(changes).toHaveLength(2)
  expect(effects.map(({ text }) => text)).toEqual(['New passwords only; 1,000 accounts keep the password of now.'])
  const cost = (memory: number) =>
    countAccounts(core, { cost: { ...core.settings.current(), PASSWORD_HASH_MEMORY: memory } })
  expect([await cost(7168), await cost(9000), await cost(716)]).toMatchObject([
    { accounts: 1000, outdated: 700 },
    { accounts: 1000, outdated: 300 },
    { accounts: 1000, outdated: 1000 },
  ])
})

test('the cost of a hash: how long one is expected to take', async ({ core }) => {
  // The instances of tests lock it.
  const before = { ...core.settings.current(), PASSWORD_HASH_MEMORY: 19_456, PASSWORD_HASH_ITERATIONS: 2 }
  const after = { ...before, PASSWORD_HASH_MEMORY: 1_048_576 }
  expect(await effectsOf(core, { before, after, effective: [] }, performance.now() + 10_000)).toEqual([
    {
      setting: 'PASSWORD_HASH_MEMORY',
      text: '1,000 of 1,000 accounts would get a new hash at the next login.',
      figures: { accounts: 1000, outdated: 1000 },
    },
    {
      setting: 'PASSWORD_HASH_MEMORY',
      text: 'One hash, and with it a login, is expected to take 1,049 ms, instead of 19 ms.',
      figures: { hashMsBefore: 19, hashMsAfter: 1049 },
    },
  ])
})

test('several settings at once have the figures that each has alone', async ({ core }) => {
  const changes: Partial<Record<SettingName, unknown>> = {
    ACCESS_TOKEN_LIFETIME: 5,
    REFRESH_TOKEN_LIFETIME: '20d',
    SESSION_MAX_LIFETIME: '30d',
    ADMIN_SESSION_MAX_LIFETIME: '1h',
    SESSIONS_PER_ACCOUNT_MAX: 2,
    SESSION_RETENTION: '5d',
    REGISTRATION_OPEN: false,
    PASSWORD_LENGTH_MIN: 12,
    AUDIT_RETENTION: '90d',
    STATISTICS_RETENTION: '2d',
  }
  const { effects } = await previewSettings(core, { changes })
  for (const [name, value] of Object.entries(changes) as [SettingName, unknown][]) {
    expect(effects).toContainEqual(await effectOf(core, name, value))
  }
  expect(effects).toHaveLength(11)
})

test('retention: rows that would go; what is kept for longer is not counted', async ({ core, clock }) => {
  expect((await effectOf(core, 'SESSION_RETENTION', '5d'))?.text).toBe(
    '1,000 ended sessions older than 5d would be removed within minutes.',
  )
  const audit = await effectOf(core, 'AUDIT_RETENTION', '90d')
  const month = new Date(clock.now().getTime() - 90 * 86_400_000)
  const first = Date.UTC(month.getUTCFullYear(), month.getUTCMonth())
  const gone = Array.from({ length: 200 }, (_, day) => clock.now().getTime() - day * 86_400_000 < first).filter(Boolean)
  expect(audit?.figures).toEqual({ rows: gone.length })
  expect((await effectOf(core, 'STATISTICS_RETENTION', '2d'))?.figures.rows).toBeGreaterThanOrEqual(51)
  expect(await effectOf(core, 'AUDIT_RETENTION', '500d')).toMatchObject({ figures: {} })
})

test('registration: who came lately, and until when it is closed', async ({ core, clock }) => {
  const { effects } = await previewSettings(core, { changes: { REGISTRATION_OPEN: 'off' }, forSeconds: 7200 })
  const until = new Date(clock.now().getTime() + 7_200_000).toISOString()
  expect(effects.map(({ text }) => text)).toEqual([
    'Nobody may register any more; admins still make accounts. 23 accounts were made within the last 24 hours.',
    `It ends by itself at ${until}; then the value before is in force again.`,
  ])
})

test('every setting has something to say, and a preview saves nothing', async ({
  createInstance,
  migratedDatabase,
}) => {
  const core = await createInstance({ databaseUrl: await migratedDatabase() })
  for (const name of SETTING_NAMES) {
    if (core.settings.environment[name] !== undefined) continue
    const value = core.settings.current()[name]
    const other = typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : ['latchkey']
    const { effects } = await previewSettings(core, { changes: { [name]: choicesOf(name).at(-1) ?? other } })
    expect(effects.length, name).toBeGreaterThan(0)
    expect(effects[0]?.text, name).not.toContain('stays as it is')
  }
  const ROWS = statement<{ count: number }>('test.rows', 'select count(*) as count from settings_revision')
  expect(await core.db.one(ROWS, [])).toEqual({ count: 0 })
})

test('a preview is refused as its save would be, and a rollback has one, too', async ({
  createInstance,
  migratedDatabase,
}) => {
  const core = await createInstance({ databaseUrl: await migratedDatabase() })
  await saveSettings(core, { changes: { ACCESS_TOKEN_LIFETIME: '2h', REFRESH_GRACE: 5 }, base: 0 }, COMMAND)
  const codeOf = (input: Parameters<typeof previewSettings>[1]) =>
    previewSettings(core, input).catch((error: unknown) => (error instanceof LatchkeyError ? error.code : error))
  expect(await codeOf({ changes: { REFRESH_TOKEN_LIFETIME: '1h' } })).toBe('invalid_input')
  expect(await codeOf({ changes: { REFRESH_GRACE: 6 }, base: 0 })).toBe('revision_conflict')
  expect(await codeOf({ to: 2 })).toBe('not_found')
  expect(await codeOf({ to: 0, base: 0 })).toBe('revision_conflict')
  expect(await codeOf({ to: 0, base: 9 })).toBe('invalid_input')
  expect(await previewSettings(core, { to: 0, base: 1 })).toMatchObject({ base: 1 })
  const { changes } = await previewSettings(core, { to: 0 })
  expect(changes.map(({ name, fromText, toText }) => `${name} ${fromText} ${toText}`)).toEqual([
    'ACCESS_TOKEN_LIFETIME 2h 30s',
    'REFRESH_GRACE 5s 10s',
  ])
  expect((await rollbackSettings(core, { to: 0, base: 1 }, COMMAND)).changes).toMatchObject(
    changes.map(({ name, from, to }) => ({ name, from, to })),
  )
})

test('what takes too long to count is said without figures; what cannot be counted at all is a fault', async ({
  core,
}) => {
  const SLOW = [
    'alter table account rename to account_behind',
    'create view account as select account_behind.* from pg_sleep(5), account_behind',
  ]
  for (const text of SLOW) await core.db.many(statement(`test.slow ${text.length}`, text), [])
  const text = 'There is too much to count within two seconds, so no figures are given.'
  const startedAt = performance.now()
  const changes = { PASSWORD_LENGTH_MIN: 12, ADMIN_SESSION_MAX_LIFETIME: '1h', STATISTICS_RETENTION: '2d' }
  const { effects } = await previewSettings(core, { changes })
  expect(performance.now() - startedAt).toBeLessThan(2800)
  expect(effects).toMatchObject([
    { setting: 'ADMIN_SESSION_MAX_LIFETIME', text, figures: {} },
    { setting: 'PASSWORD_LENGTH_MIN', text, figures: {} },
    { setting: 'STATISTICS_RETENTION', figures: { rows: expect.any(Number) } },
  ])
  await core.db.many(statement('test.gone', 'drop view account'), [])
  await expect(effectOf(core, 'PASSWORD_LENGTH_MIN', 12)).rejects.toMatchObject({ code: 'unavailable' })
})
