import { randomUUID } from 'node:crypto'
import { checkAccessToken } from '../access-tokens/check.ts'
import { register } from '../accounts/register.ts'
import { actorOf, COMMAND, NO_ORIGIN } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { login } from '../sessions/login.ts'
import { refresh } from '../sessions/refresh.ts'
import { expect, test as withDatabase } from '../testing/test.ts'
import { rollbackSettings, saveSettings } from './change.ts'
import { loadSettings } from './follow.ts'
import { listSettings } from './list.ts'
import { lockNewest } from './stored-revision.ts'

/** Each test has a database of its own: revisions count from 1. */
const test = withDatabase.extend('own', async ({ migratedDatabase, createInstance }) => {
  const databaseUrl = await migratedDatabase()
  return async (options: Parameters<typeof createInstance>[0] = {}) => createInstance({ databaseUrl, ...options })
})

const EVENTS = statement<{ name: string; actor: string; details: object }>(
  'test.settings-events',
  `select name, actor, details from audit_event where name like 'settings.%' order by id`,
)
const REVISIONS = statement<{ number: number; kind: string }>(
  'test.revisions',
  'select number, kind from settings_revision order by number',
)
const WAITING = statement<{ waiting: number }>(
  'test.waiting',
  `select count(*) as waiting from pg_locks as l join pg_database as d on d.oid = l.database
    where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`,
)
const SET_ROLE = statement('test.set-role', 'update account set role = $2 where id = $1')

const save = (core: Core, changes: Record<string, unknown>, base = core.settings.revision()) =>
  saveSettings(core, { changes, base }, COMMAND)

const faultsOf = (work: Promise<unknown>) =>
  work.then(
    () => [],
    (error: unknown) =>
      error instanceof LatchkeyError
        ? (error.fields ?? []).map(({ path, code }) => `${path.join('.')} ${code}`)
        : [error],
  )

test('several settings are one revision: in force at once, with their old and new values and their audit event', async ({
  own,
}) => {
  const core = await own()
  const changes = { ACCESS_TOKEN_LIFETIME: '15m', REGISTRATION_OPEN: false, PASSWORD_OWN_WORDS: ['latchkey'] }
  const saved = await saveSettings(core, { changes, base: 0, reason: 'the move' }, COMMAND)
  expect(saved).toEqual({
    revision: 1,
    changes: [
      { name: 'ACCESS_TOKEN_LIFETIME', from: 30, to: 900 },
      { name: 'REGISTRATION_OPEN', from: true, to: false },
      { name: 'PASSWORD_OWN_WORDS', from: [], to: ['latchkey'] },
    ],
  })
  expect(core.settings.current()).toMatchObject({ ACCESS_TOKEN_LIFETIME: 900, REGISTRATION_OPEN: false })
  expect(core.settings.source('ACCESS_TOKEN_LIFETIME')).toBe('revision')
  expect(await core.db.many(EVENTS, [])).toEqual([
    {
      name: 'settings.changed',
      actor: 'command',
      details: {
        number: 1,
        reason: 'the move',
        changes: expect.arrayContaining([{ name: 'ACCESS_TOKEN_LIFETIME', from: null, to: 900 }]),
      },
    },
  ])
})

test('an instance that starts has the newest revision before its first request, with no notification', async ({
  own,
}) => {
  const core = await own()
  await save(core, { ACCESS_TOKEN_LIFETIME: 60 })
  await save(core, { ACCESS_TOKEN_LIFETIME: 120 })
  const later = await own()
  expect([later.settings.revision(), later.settings.current().ACCESS_TOKEN_LIFETIME]).toEqual([2, 120])
})

test('a lifetime applies to the very next token of every instance; tokens that are out keep their own exp', async ({
  own,
  clock,
}) => {
  const [one, two] = [await own(), await own()]
  const credentials = { email: `${randomUUID()}@example.com`, password: 'correct horse 42' }
  await register(one, credentials)
  const first = await login(one, credentials)
  await save(one, { ACCESS_TOKEN_LIFETIME: 5 })
  await loadSettings(two)
  const second = await refresh(two, first.refreshToken)
  clock.advance(4)
  const third = await refresh(one, second.refreshToken)
  clock.advance(1)
  const accepted = (token: string) => checkAccessToken(two, token).accountId > 0
  expect(accepted(first.accessToken)).toBe(true)
  expect(() => accepted(second.accessToken)).toThrow(expect.objectContaining({ code: 'token_expired' }))
  expect(accepted(third.accessToken)).toBe(true)
})

test('null brings the default back', async ({ own }) => {
  const core = await own()
  await save(core, { REFRESH_GRACE: 5 })
  expect(await save(core, { REFRESH_GRACE: null })).toMatchObject({ changes: [{ from: 5, to: 10 }] })
  expect(core.settings.source('REFRESH_GRACE')).toBe('default')
})

test('what changes nothing makes no revision', async ({ own }) => {
  const core = await own()
  await save(core, { REFRESH_GRACE: 5 })
  expect(await save(core, { REFRESH_GRACE: '5s', SESSION_RETENTION: null })).toEqual({ revision: 1, changes: [] })
})

test('one refusal names every fault, and nothing is saved', async ({ own }) => {
  const core = await own({ settings: { REFRESH_GRACE: 3 } })
  const changes = {
    NO_SUCH_SETTING: 1,
    ['__proto__x']: 1,
    constructor: 1,
    ACCESS_TOKEN_LIFETIME: '1s',
    REFRESH_GRACE: 5,
    REGISTRATION_OPEN: 'perhaps',
    PASSWORD_OWN_WORDS: ['a\0bcd'],
    SESSIONS_PER_ACCOUNT_MAX: 1.5,
  }
  expect(await faultsOf(save(core, changes))).toEqual([
    'changes.NO_SUCH_SETTING setting_unknown',
    'changes.__proto__x setting_unknown',
    'changes.constructor setting_unknown',
    'changes.ACCESS_TOKEN_LIFETIME setting_invalid',
    'changes.REFRESH_GRACE setting_locked',
    'changes.REGISTRATION_OPEN setting_invalid',
    'changes.PASSWORD_OWN_WORDS setting_invalid',
    'changes.SESSIONS_PER_ACCOUNT_MAX setting_invalid',
  ])
  expect(await faultsOf(save(core, {}))).toEqual(['changes changes_empty'])
  const timed = saveSettings(core, { changes: { SESSION_RETENTION: 0 }, base: 0, forSeconds: 0.5 }, COMMAND)
  expect(await faultsOf(timed)).toEqual(['for for_invalid'])
  const reasoned = saveSettings(core, { changes: { SESSION_RETENTION: 0 }, base: 0, reason: 'x\0' }, COMMAND)
  expect(await faultsOf(reasoned)).toEqual(['reason reason_malformed'])
  for (const [reason, faults] of [
    ['🔑'.repeat(500), []],
    ['🔑'.repeat(501), ['reason reason_too_long']],
  ] as const) {
    const told = saveSettings(core, { changes: { SESSION_RETENTION: null }, base: 0, reason }, COMMAND)
    expect(await faultsOf(told)).toEqual(faults)
  }
  expect(await core.db.many(REVISIONS, [])).toEqual([])
})

test('a combination that cannot work is refused in the words of its rule; a sensible value never is', async ({
  own,
}) => {
  const core = await own()
  const refused = save(core, { REFRESH_TOKEN_LIFETIME: '1h', ACCESS_TOKEN_LIFETIME: '2h' })
  await expect(refused).rejects.toMatchObject({
    code: 'invalid_input',
    fields: expect.arrayContaining([
      {
        path: ['changes', 'ACCESS_TOKEN_LIFETIME'],
        code: 'setting_rule_broken',
        message: 'ACCESS_TOKEN_LIFETIME cannot be longer than REFRESH_TOKEN_LIFETIME.',
      },
    ]),
  })
  await save(core, { ACCESS_TOKEN_LIFETIME: 5, REFRESH_GRACE: 60 })
  expect(core.settings.graceSeconds()).toBeCloseTo(5 / 3)
})

test('what is stored already, but left out here because of a rule, is refused and not taken for nothing to change', async ({
  own,
}) => {
  const [free, locked] = [await own(), await own({ settings: { ACCESS_TOKEN_LIFETIME: 7200 } })]
  await save(free, { REFRESH_TOKEN_LIFETIME: '1h' })
  await loadSettings(locked)
  expect(locked.settings.current().REFRESH_TOKEN_LIFETIME).toBe(30 * 86_400)
  const codes = await faultsOf(save(locked, { REFRESH_TOKEN_LIFETIME: '1h' }))
  expect(codes).toEqual(['changes.REFRESH_TOKEN_LIFETIME setting_rule_broken'])
  expect((await save(locked, { REGISTRATION_OPEN: false })).revision).toBe(2)
})

test('of two who save at once one wins; the other is shown what was there, theirs and yours', async ({ own }) => {
  const [one, two] = [await own(), await own()]
  await save(one, { REFRESH_GRACE: 8 })
  await loadSettings(two)
  const both = await Promise.allSettled([
    save(one, { ACCESS_TOKEN_LIFETIME: 60 }),
    save(two, { ACCESS_TOKEN_LIFETIME: 120, REFRESH_GRACE: 4 }),
  ])
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const lost = both.find(({ status }) => status === 'rejected')
  const first = both[0].status === 'fulfilled'
  expect(lost).toMatchObject({
    reason: {
      code: 'revision_conflict',
      conflict: {
        base: 1,
        revision: 2,
        settings: expect.arrayContaining([
          { name: 'ACCESS_TOKEN_LIFETIME', before: null, theirs: first ? 60 : 120, yours: first ? 120 : 60 },
        ]),
      },
    },
  })
  expect((await one.db.many(REVISIONS, [])).map(({ number }) => number)).toEqual([1, 2])
})

test('of twelve saves at once, each tried again on a conflict, none is lost', async ({ own }) => {
  const cores = [await own(), await own(), await own()]
  const names = ['REFRESH_GRACE', 'SESSIONS_PER_ACCOUNT_MAX', 'SESSION_RETENTION', 'ACCESS_TOKEN_LIFETIME']
  const saveUntilDone = async (core: Core, name: string, value: number) => {
    for (;;) {
      await loadSettings(core)
      try {
        return await save(core, { [name]: value })
      } catch (error) {
        if (!(error instanceof LatchkeyError) || error.code !== 'revision_conflict') throw error
      }
    }
  }
  await Promise.all(Array.from({ length: 12 }, (_, i) => saveUntilDone(cores[i % 3]!, names[i % 4]!, 20 + i)))
  const revisions = await cores[0]!.db.many(REVISIONS, [])
  expect(revisions.map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
  await Promise.all(cores.map(loadSettings))
  for (const core of cores) expect(core.settings.current()).toEqual(cores[0]!.settings.current())
})

test('a rollback is a new revision with exactly the values of the old one', async ({ own }) => {
  const core = await own()
  await save(core, { ACCESS_TOKEN_LIFETIME: 60, REFRESH_GRACE: 5 })
  const old = core.settings.current()
  await save(core, { ACCESS_TOKEN_LIFETIME: 900, REFRESH_GRACE: null, REGISTRATION_OPEN: false })
  const saved = await rollbackSettings(core, { to: 1, base: 2, reason: 'too long' }, COMMAND)
  expect(saved.revision).toBe(3)
  expect(core.settings.current()).toEqual(old)
  await rollbackSettings(core, { to: 0, base: 3 }, COMMAND)
  expect(listSettings(core).settings.every(({ source }) => source !== 'revision')).toBe(true)
  expect((await core.db.many(EVENTS, [])).map(({ name }) => name)).toEqual([
    'settings.changed',
    'settings.changed',
    'settings.rolled_back',
    'settings.rolled_back',
  ])
  await expect(rollbackSettings(core, { to: 99, base: 4 }, COMMAND)).rejects.toMatchObject({ code: 'not_found' })
  await expect(rollbackSettings(core, { to: 1, base: 3 }, COMMAND)).rejects.toMatchObject({ code: 'revision_conflict' })
})

test('a rollback to what is stored already makes no revision and no event', async ({ own }) => {
  const core = await own()
  await save(core, { REFRESH_GRACE: 5 })
  expect(await rollbackSettings(core, { to: 1, base: 1 }, COMMAND)).toEqual({ revision: 1, changes: [] })
  expect(await core.db.many(REVISIONS, [])).toHaveLength(1)
  expect(await core.db.many(EVENTS, [])).toHaveLength(1)
})

test('a base that is no revision yet is refused as that; of one that is forgotten nothing is known', async ({
  own,
}) => {
  const core = await own()
  for (const seconds of [5, 6, 7]) await save(core, { REFRESH_GRACE: seconds })
  const unknown = ['revision revision_unknown']
  expect(await faultsOf(save(core, { REFRESH_GRACE: 8 }, 4))).toEqual(unknown)
  expect(await faultsOf(rollbackSettings(core, { to: 1, base: 4 }, COMMAND))).toEqual(unknown)
  await core.db.many(statement('test.forget', 'delete from settings_revision where number < 3'), [])
  await expect(save(core, { REFRESH_GRACE: 8 }, 2)).rejects.toMatchObject({
    code: 'revision_conflict',
    conflict: {
      base: 2,
      revision: 3,
      settings: [{ name: 'REFRESH_GRACE', before: null, theirs: 7, yours: 8 }],
    },
  })
})

test('an admin who is none any more saves nothing, and neither does one whose session has ended', async ({ own }) => {
  const core = await own()
  const credentials = { email: `${randomUUID()}@example.com`, password: 'correct horse 42' }
  const { id } = await register(core, credentials)
  const claims = checkAccessToken(core, (await login(core, credentials)).accessToken)
  const actor = actorOf('admin', claims, NO_ORIGIN)
  const attempt = () => saveSettings(core, { changes: { REFRESH_GRACE: 5 }, base: 0 }, actor)
  await expect(attempt()).rejects.toMatchObject({ code: 'admin_required' })
  await core.db.many(SET_ROLE, [id, 'admin'])
  expect((await attempt()).revision).toBe(1)
  await core.db.many(SET_ROLE, [id, 'user'])
  await expect(rollbackSettings(core, { to: 0, base: 1 }, actor)).rejects.toMatchObject({ code: 'admin_required' })
  expect(await core.db.many(REVISIONS, [])).toHaveLength(1)
})

test('an admin who is demoted and disabled while his save waits for another one saves nothing', async ({ own }) => {
  const core = await own()
  const credentials = { email: `${randomUUID()}@example.com`, password: 'correct horse 42' }
  const { id } = await register(core, credentials)
  const claims = checkAccessToken(core, (await login(core, credentials)).accessToken)
  const attempt = () =>
    saveSettings(core, { changes: { REFRESH_GRACE: 5 }, base: 0 }, actorOf('admin', claims, NO_ORIGIN))
  const waiting = async () => (await core.db.one(WAITING, []))?.waiting
  for (const [change, code] of [
    [statement('test.demote', `update account set role = 'user' where id = $1`), 'admin_required'],
    [statement('test.disable', 'update account set active = false where id = $1'), 'invalid_token'],
  ] as const) {
    await core.db.many(SET_ROLE, [id, 'admin'])
    const refused = await core.db.transaction(async (transaction) => {
      await lockNewest(transaction, core)
      const saving = attempt().catch((error: unknown) => error)
      await expect.poll(waiting, { interval: 5 }).toBe(1)
      await core.db.many(change, [id])
      return { saving }
    })
    expect(await refused.saving).toMatchObject({ code })
  }
  expect(await core.db.many(REVISIONS, [])).toEqual([])
})

test('only the newest thousand revisions are kept', async ({ own }) => {
  const core = await own()
  await save(core, { REFRESH_GRACE: 5 })
  const FAR = statement('test.far', 'update settings_revision set number = 1200')
  await core.db.many(FAR, [])
  await loadSettings(core)
  await save(core, { REFRESH_GRACE: 6 })
  expect((await core.db.many(REVISIONS, [])).map(({ number }) => number)).toEqual([1200, 1201])
  await core.db.many(statement('test.near', 'update settings_revision set number = 201 where number = 1200'), [])
  await save(core, { REFRESH_GRACE: 7 })
  expect((await core.db.many(REVISIONS, [])).map(({ number }) => number)).toEqual([1201, 1202])
})
