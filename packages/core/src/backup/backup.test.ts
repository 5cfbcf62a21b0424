import { createHash, randomBytes } from 'node:crypto'
import { Readable, Writable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import { checkAccessToken } from '../access-tokens/check.ts'
import { createAccount } from '../accounts/create.ts'
import { deleteAccount } from '../accounts/delete.ts'
import { register } from '../accounts/register.ts'
import { COMMAND } from '../audit/origin.ts'
import { listAuditEvents } from '../audit/read.ts'
import { type Core, type CoreOptions, createCore } from '../core.ts'
import { pendingMigrations } from '../database/migrate.ts'
import { statement, UNPREPARED } from '../database/statement.ts'
import { prepare } from '../readiness.ts'
import { login } from '../sessions/login.ts'
import { refresh } from '../sessions/refresh.ts'
import { saveSettings } from '../settings/change.ts'
import { followSettings, loadSettings } from '../settings/follow.ts'
import { settingsHistory } from '../settings/history.ts'
import { expect, PASSWORD, ROOT_SECRET, test as base } from '../testing/test.ts'
import { BACKUP_TABLES, readTrailer, trailerText } from './format.ts'
import { type RestoreOptions, restoreBackup } from './restore.ts'
import { tailOf } from './tail.ts'
import { writeBackup } from './write.ts'

const test = base
  /** An instance on one more database, migrated. */
  .extend('openOwn', ({ migratedDatabase, createInstance }) => async (options: Partial<CoreOptions> = {}) => {
    return await createInstance({ databaseUrl: await migratedDatabase(), ...options })
  })
  /** An instance on a database where no migration ever ran. */
  .extend('bare', async ({ emptyDatabase, clock }, { onCleanup }) => {
    const settings = { PASSWORD_HASH_MEMORY: 7168, PASSWORD_HASH_ITERATIONS: 1 }
    const databaseUrl = await emptyDatabase()
    const core = await createCore({ databaseUrl, rootSecret: ROOT_SECRET, issuer: 'http://localhost', clock, settings })
    onCleanup(() => core.close())
    return core
  })
  /** A server that has been used a little. */
  .extend('own', async ({ openOwn }) => await openOwn())

const makeUser = (core: Core) =>
  register(core, { email: `user-${randomBytes(4).toString('hex')}@example.com`, password: PASSWORD })

const enter = (core: Core, { email }: { email: string }) => login(core, { email, password: PASSWORD })

async function backUp(core: Core): Promise<Buffer> {
  const chunks: Buffer[] = []
  const to = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk)
      done()
    },
  })
  await writeBackup(core, to, { actor: COMMAND, version: '1.2.3' })
  return Buffer.concat(chunks)
}

const restore = (core: Core, backup: Buffer, options: Partial<RestoreOptions> = {}) =>
  restoreBackup(core, Readable.from([backup]), { actor: COMMAND, ...options })

/** Everything that a backup should bring back, but for what a restore itself writes. */
async function contentsOf({ db }: Core) {
  const contents: Record<string, string[]> = {}
  for (const table of BACKUP_TABLES) {
    const rows = statement<{ json: string }>(
      UNPREPARED,
      `select (to_jsonb(t) - 'restored')::text as json from ${table} as t
        where to_jsonb(t)->>'name' is distinct from 'database.restored' order by 1`,
    )
    contents[table] = (await db.many(rows, [])).map(({ json }) => json)
  }
  return contents
}

/** Rows of all kinds, with what is hard to write: characters that end lines elsewhere, bytes, nulls, microseconds. */
async function use(core: Core): Promise<{ email: string; accessToken: string; refreshToken: string }> {
  const user = await createAccount(
    core,
    { email: 'ann@example.com', password: PASSWORD, username: 'Änn \u2028"\\ 🔑', role: 'admin' },
    COMMAND,
  )
  await makeUser(core)
  await saveSettings(core, { changes: { ACCESS_TOKEN_LIFETIME: 60 }, base: 0, reason: 'slower' }, COMMAND)
  await core.db.many(statement(UNPREPARED, `insert into statistic values (now(), 'logins', 0, 9007199254740993)`), [])
  const { refreshToken } = await enter(core, user)
  const pair = await refresh(core, refreshToken)
  return { email: user.email, ...pair }
}

test('what is restored into an empty database is what was there', async ({ own, openOwn }) => {
  await use(own)
  const backup = await backUp(own)
  const other = await openOwn()
  const restored = await restore(other, backup)
  expect(await contentsOf(other)).toEqual(await contentsOf(own))
  expect(restored).toMatchObject({ version: '1.2.3', rows: { account: 2, session: 1, settings_revision: 1 } })
})

test('tokens from before the backup work after the restore', async ({ own, openOwn }) => {
  const { accessToken, refreshToken } = await use(own)
  const other = await openOwn()
  await restore(other, await backUp(own))
  // As a restart does: the other database had made keys of its own.
  await prepare(other, { migrating: false })
  expect(checkAccessToken(other, accessToken).accountId).toBe(1)
  const pair = await refresh(other, refreshToken)
  expect(checkAccessToken(other, pair.accessToken).accountId).toBe(1)
})

test('a token that is newer than the backup is refused, and its session lives', async ({ own, openOwn, clock }) => {
  const { refreshToken } = await use(own)
  const backup = await backUp(own)
  const { refreshToken: newer } = await refresh(own, refreshToken)
  clock.advance(60)
  const other = await openOwn()
  await restore(other, backup)
  await expect(refresh(other, newer)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
  await expect(refresh(other, refreshToken)).resolves.toBeDefined()
})

test('a password works after a restore, and the account can log in', async ({ own, openOwn }) => {
  const user = await use(own)
  const other = await openOwn()
  await restore(other, await backUp(own))
  await expect(enter(other, user)).resolves.toBeDefined()
})

test('settings with their history come back and are in force', async ({ own, openOwn }) => {
  await use(own)
  const other = await openOwn()
  await restore(other, await backUp(own))
  await loadSettings(other)
  expect(other.settings.current().ACCESS_TOKEN_LIFETIME).toBe(60)
  const { items } = await settingsHistory(other, {})
  expect(items).toMatchObject([{ number: 1, reason: 'slower' }])
})

test('instances that run take over restored settings, whatever number their own revision has', async ({
  own,
  onTestFinished,
}) => {
  await use(own)
  const backup = await backUp(own)
  const stop = followSettings(own)
  onTestFinished(stop)
  await loadSettings(own)
  await saveSettings(own, { changes: { ACCESS_TOKEN_LIFETIME: 90 }, base: 1 }, COMMAND)
  await saveSettings(own, { changes: { ACCESS_TOKEN_LIFETIME: 95 }, base: 2 }, COMMAND)
  await restore(own, backup, { replace: true })
  await expect.poll(() => own.settings.current().ACCESS_TOKEN_LIFETIME, { timeout: 1000, interval: 5 }).toBe(60)
  expect(own.settings.revision(), 'a save on what was before would be refused').toBe(4)
  const { items } = await settingsHistory(own, {})
  expect(items).toMatchObject([
    { number: 4, kind: 'rollback', restores: 1, changes: [{ from: 95, to: 60 }] },
    { number: 1 },
  ])
})

test('an id is never given out again: not one of a deleted account, nor one of after the backup', async ({
  own,
  openOwn,
}) => {
  await use(own)
  const { id } = await makeUser(own)
  await deleteAccount(own, id, COMMAND)
  const backup = await backUp(own)
  const other = await openOwn()
  await restore(other, backup)
  expect((await makeUser(other)).id).toBe(id + 1)
  const later = await makeUser(own)
  await restore(own, backup, { replace: true })
  expect((await makeUser(own)).id).toBe(later.id + 1)
})

test('both leave an event, and say nothing secret', async ({ own, openOwn }) => {
  await use(own)
  const other = await openOwn()
  await restore(other, await backUp(own))
  const { items } = await listAuditEvents(other, {})
  const events = items.filter(({ name }) => name.startsWith('database.'))
  expect(events).toMatchObject([
    { name: 'database.restored', actor: 'command', details: { version: '1.2.3', rows: { account: 2 } } },
    { name: 'database.backed_up', actor: 'command', details: null },
  ])
})

test('events of past months get months of their own', async ({ own, openOwn }) => {
  await own.db.many(
    statement(
      UNPREPARED,
      `insert into audit_event (at, name) select now() - make_interval(months => n), 'user.updated' from generate_series(1, 14) as n`,
    ),
    [],
  )
  const other = await openOwn()
  await restore(other, await backUp(own))
  const OTHERS = statement<{ count: number }>(UNPREPARED, 'select count(*) as count from audit_event_other')
  expect(await other.db.one(OTHERS, [])).toEqual({ count: 0 })
  expect((await contentsOf(other)).audit_event).toHaveLength(15)
})

test('a database that holds accounts is left alone unless it is to be replaced', async ({ own }) => {
  await use(own)
  const backup = await backUp(own)
  await makeUser(own)
  const before = await contentsOf(own)
  await expect(restore(own, backup)).rejects.toMatchObject({ reason: 'not_empty' })
  expect(await contentsOf(own)).toEqual(before)
  await restore(own, backup, { replace: true })
  expect((await contentsOf(own)).account).toHaveLength(2)
})

test('nothing is changed without a yes, which is asked for when all is known', async ({ own, openOwn }) => {
  await use(own)
  const backup = await backUp(own)
  const other = await openOwn()
  const asked: unknown[] = []
  const confirm = async (summary: unknown) => asked.push(summary) < 0
  expect(await restore(other, backup, { confirm })).toBeUndefined()
  expect(asked).toMatchObject([{ at: expect.any(Date), version: '1.2.3', rows: { account: 2 } }])
  expect((await contentsOf(other)).account).toEqual([])
})

test('another root secret is told, and not guessed from the file', async ({ own, openOwn }) => {
  await use(own)
  const backup = await backUp(own)
  const other = await openOwn({ rootSecret: 'another root secret, of 32 characters and more' })
  await expect(restore(other, backup)).rejects.toMatchObject({ reason: 'wrong_secret' })
  expect((await contentsOf(other)).account).toEqual([])
})

test('a backup of the secret before can be restored while that is given, and has that in force again', async ({
  own,
  openOwn,
}) => {
  const { accessToken, refreshToken } = await enter(own, await makeUser(own))
  const backup = await backUp(own)
  const rootSecret = 'another root secret, of 32 characters and more'
  const other = await openOwn({ rootSecret, previousRootSecret: ROOT_SECRET })
  expect(other.keysInForce()).toBe(other.keys)
  await restore(other, backup)
  await prepare(other, { migrating: false })
  expect(other.keysInForce()).toBe(other.previousKeys)
  expect(checkAccessToken(other, accessToken)).toBeDefined()
  expect((await refresh(other, refreshToken)).refreshToken).toBeTruthy()
})

test('a schema that is behind or ahead is told by the names of its migrations', async ({ own, openOwn }) => {
  await use(own)
  const backup = await backUp(own)
  const other = await openOwn()
  await other.db.many(statement(UNPREPARED, `update migration set name = '0003-later' where name like '0002%'`), [])
  await expect(restore(other, backup)).rejects.toThrow(
    /lacks 0002-operators, which the backup has.+backup lacks 0003-later/,
  )
  await expect(restore(other, backup)).rejects.toMatchObject({ reason: 'other_schema' })
})

test('a database without a schema gets it once all is known to fit, and not before', async ({ own, bare }) => {
  const { refreshToken } = await use(own)
  const backup = await backUp(own)
  const pending = await pendingMigrations(bare.db)
  await expect(restore(bare, backup.subarray(0, -1))).rejects.toMatchObject({ reason: 'damaged' })
  expect(await restore(bare, backup, { confirm: async () => false })).toBeUndefined()
  expect(await pendingMigrations(bare.db), 'nothing was changed').toEqual(pending)
  await restore(bare, backup)
  expect(await contentsOf(bare)).toEqual(await contentsOf(own))
  await prepare(bare, { migrating: false })
  await expect(refresh(bare, refreshToken)).resolves.toBeDefined()
})

test('where it fails in the middle, all is as before', async ({ own }) => {
  await use(own)
  const lines = gunzipSync(await backUp(own))
    .toString()
    .trimEnd()
    .split('\n')
  const { rows } = readTrailer(lines.pop() ?? '') ?? {}
  if (rows === undefined) throw new Error('it has no last line')
  /** As our own key makes it, so that only the database itself can refuse it. */
  const made = (text: string[]) => {
    const body = gzipSync(text.map((line) => `${line}\n`).join(''))
    return Buffer.concat([body, tailOf(trailerText(own.keys.backup, rows, createHash('sha256').update(body).digest()))])
  }
  await makeUser(own)
  const before = await contentsOf(own)
  const twice = lines.findLast((line) => line.startsWith('{"table":"audit_event"')) ?? ''
  await expect(restore(own, made([...lines, twice]), { replace: true })).rejects.toThrow(/duplicate key/)
  const fewer = restore(own, made(lines.filter((line) => line !== twice)), { replace: true })
  await expect(fewer).rejects.toThrow(/not have as many rows/)
  expect(await contentsOf(own)).toEqual(before)
  await restore(own, made(lines), { replace: true })
})

test('cut off anywhere, a backup is refused and nothing is changed', async ({ own, openOwn }) => {
  await use(own)
  const backup = await backUp(own)
  const other = await openOwn()
  const before = await contentsOf(other)
  const lengths = [...Array(20).keys()].map((part) => Math.floor((backup.length * part) / 20))
  for (const length of [...lengths, 1, backup.length - 1]) {
    await expect(restore(other, backup.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({
      name: 'UnfitBackupError',
    })
  }
  expect(await contentsOf(other)).toEqual(before)
})

test('with any one bit flipped, a backup is refused', async ({ own, openOwn }) => {
  await use(own)
  const backup = await backUp(own)
  const other = await openOwn()
  const before = await contentsOf(other)
  const middle = Array.from({ length: 100 }, (_, at) => Math.floor((backup.length * at) / 100))
  const ends = Array.from({ length: 30 }, (_, at) => [at, backup.length - 1 - at]).flat()
  for (const at of [...middle, ...ends]) {
    const flipped = Buffer.from(backup)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
    await expect(restore(other, flipped), `byte ${at}`).rejects.toMatchObject({ name: 'UnfitBackupError' })
  }
  expect(await contentsOf(other)).toEqual(before)
})

test('something added, something compressed anew, something else: refused', async ({ own, openOwn }) => {
  const backup = await backUp(own)
  const other = await openOwn()
  const wrong = [
    Buffer.concat([backup, Buffer.from([0])]),
    Buffer.concat([backup, backup]),
    gzipSync(gunzipSync(backup)),
    gzipSync('hello'),
    Buffer.from('hello, this is no backup'),
    Buffer.alloc(0),
  ]
  for (const each of wrong) await expect(restore(other, each)).rejects.toMatchObject({ name: 'UnfitBackupError' })
})

test('it is JSON lines under gzip, and holds no password and no token', async ({ own }) => {
  const { refreshToken, accessToken } = await use(own)
  const text = gunzipSync(await backUp(own)).toString()
  const lines = text.trimEnd().split('\n')
  expect(() => lines.map((line) => JSON.parse(line) as unknown)).not.toThrow()
  expect(lines[0]).toContain('"format":"latchkey-backup"')
  for (const secret of [refreshToken, accessToken, PASSWORD]) expect(text).not.toContain(secret)
})

test('many rows go through, in batches', async ({ own, openOwn }) => {
  await own.db.many(
    statement(
      UNPREPARED,
      `insert into account (email, email_normal, password_hash) select n || '@example.com', n || '@example.com', 'x'
         from generate_series(1, 3500) as n`,
    ),
    [],
  )
  const other = await openOwn()
  await restore(other, await backUp(own))
  expect((await contentsOf(other)).account).toEqual((await contentsOf(own)).account)
})
