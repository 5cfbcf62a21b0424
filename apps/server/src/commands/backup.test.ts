import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { test as base, expect, runCommand } from '../testing/command.ts'
import { startInstance } from '../testing/instance.ts'

const test = base
  .extend('folder', async ({}, { onCleanup }) => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-backup-'))
    onCleanup(() => rm(folder, { recursive: true, force: true }))
    return folder
  })
  /** Runs a command on yet another database, under the same root secret. */
  .extend('elsewhere', async ({ emptyDatabase, environment }) => {
    const other = { ...environment, DATABASE_URL: await emptyDatabase() }
    return (args: string[], changed: Record<string, string> = {}) =>
      runCommand(args, { environment: { ...other, ...changed } })
  })
  .extend('makeUser', ({ latchkey }) => async (email: string) => {
    const made = await latchkey(['user', 'create', email, '--password-stdin'], 'correct horse 42\n')
    expect(made.code, made.err).toBe(0)
  })

test('what backup writes, restore brings back elsewhere', async ({ latchkey, makeUser, elsewhere, folder }) => {
  await makeUser('ann@example.com')
  const file = join(folder, 'a.backup')
  const written = await latchkey(['backup', file, '--json'])
  expect([written.code, written.err]).toEqual([0, ''])
  expect(written.json()).toMatchObject({ file, rows: { account: 1 }, bytes: (await stat(file)).size })
  expect((await stat(file)).mode & 0o777, 'for its owner alone').toBe(0o600)
  expect(await readdir(folder), 'nothing else is left').toEqual(['a.backup'])

  const checked = await elsewhere(['restore', file, '--check', '--json'])
  expect([checked.code, checked.json().restored]).toEqual([0, false])
  expect((await elsewhere(['user', 'show', 'ann@example.com'])).code).toBe(3)
  const restored = await elsewhere(['restore', file, '--yes', '--json'])
  expect(restored.json()).toMatchObject({ restored: true, rows: { account: 1 }, at: expect.any(String) })
  expect((await elsewhere(['user', 'show', 'ann@example.com'])).code).toBe(0)
})

test('a file that is there is left alone, unless --force', async ({ latchkey, makeUser, folder }) => {
  await makeUser('ann@example.com')
  const file = join(folder, 'a.backup')
  await writeFile(file, 'the only copy')
  const refusal = await latchkey(['backup', file])
  expect([refusal.code, refusal.err]).toEqual([4, expect.stringContaining('--force')])
  expect(await readFile(file, 'utf8')).toBe('the only copy')
  expect((await latchkey(['backup', file, '--force'])).code).toBe(0)
  expect(gunzipSync(await readFile(file)).toString()).toContain('latchkey-backup')
})

test('a folder that is not there is told', async ({ latchkey, makeUser, folder }) => {
  await makeUser('ann@example.com')
  const { code, err } = await latchkey(['backup', join(folder, 'none/a.backup')])
  expect([code, err]).toEqual([1, expect.stringContaining('cannot be written (ENOENT)')])
})

test('what goes to stdout comes back by stdin', async ({ environment, makeUser, elsewhere, folder }) => {
  await makeUser('ann@example.com')
  const { execFileSync } = await import('node:child_process')
  const { COMMAND_LINE } = await import('../testing/command.ts')
  const [node, ...start] = COMMAND_LINE
  const env = { PATH: process.env.PATH, ...environment }
  const backup = execFileSync(node, [...start, 'backup', '-'], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  const file = join(folder, 'b.backup')
  await writeFile(file, backup)
  await elsewhere(['migrate', 'up'])
  expect(await elsewhere(['restore', file, '--check'])).toMatchObject({ code: 0 })
  const own = { ...environment }
  const input = execFileSync(node, [...start, 'restore', '-', '--yes', '--replace', '--json'], {
    env: { PATH: process.env.PATH, ...own },
    input: backup,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  expect(JSON.parse(input.toString())).toMatchObject({ restored: true, rows: { account: 1 } })
})

test('restore does nothing without a yes, and nothing to accounts without --replace', async ({
  latchkey,
  makeUser,
  folder,
}) => {
  await makeUser('ann@example.com')
  const file = join(folder, 'a.backup')
  await latchkey(['backup', file])
  await makeUser('bob@example.com')
  const there = await latchkey(['restore', file, '--yes'])
  expect([there.code, there.err]).toEqual([4, expect.stringContaining('If that is meant: --replace.')])
  const unasked = await latchkey(['restore', file, '--replace'])
  expect([unasked.code, unasked.err]).toEqual([4, expect.stringContaining('1 account')])
  expect((await latchkey(['user', 'show', 'bob@example.com'])).code).toBe(0)
  expect((await latchkey(['restore', file, '--replace', '--yes'])).code).toBe(0)
  expect((await latchkey(['user', 'show', 'bob@example.com'])).code).toBe(3)
})

test('a wrong secret, a damaged file, none at all: refused, in a sentence', async ({
  latchkey,
  makeUser,
  elsewhere,
  folder,
}) => {
  await makeUser('ann@example.com')
  const file = join(folder, 'a.backup')
  await latchkey(['backup', file])
  const secret = { LATCHKEY_SECRET: 'another root secret, of 32 characters and more' }
  const wrong = await elsewhere(['restore', file, '--yes'], secret)
  expect([wrong.code, wrong.err]).toEqual([4, expect.stringContaining('Set LATCHKEY_SECRET')])
  await writeFile(file, (await readFile(file)).subarray(0, -100))
  const damaged = await elsewhere(['restore', file, '--yes'])
  expect([damaged.code, damaged.err]).toEqual([4, expect.stringContaining('damaged')])
  expect((await elsewhere(['restore', join(folder, 'none')])).code).toBe(3)
})

test('an empty database gets its schema where servers may not make it, and --check leaves it empty', async ({
  latchkey,
  makeUser,
  elsewhere,
  folder,
}) => {
  await makeUser('ann@example.com')
  const file = join(folder, 'a.backup')
  await latchkey(['backup', file])
  const byHand = { LATCHKEY_MIGRATE: 'off' }
  const pending = async () => (await elsewhere(['migrate', 'status', '--json'])).json().pending
  expect(await elsewhere(['restore', file, '--check'], byHand)).toMatchObject({ code: 0 })
  expect(await pending()).toBeGreaterThan(0)
  expect(await elsewhere(['restore', file, '--yes'], byHand)).toMatchObject({ code: 0 })
  expect(await pending()).toBe(0)
})

test('while a server runs: backed up, and restored under it', async ({
  environment,
  latchkey,
  folder,
  onTestFinished,
}) => {
  const server = await startInstance(environment)
  onTestFinished(() => server.kill())
  const ann = { email: 'ann@example.com', password: 'correct horse 42' }
  await server.post('/api/register', ann)
  const { body: tokens } = await server.post('/api/login', ann)
  const file = join(folder, 'a.backup')
  expect(await latchkey(['backup', file])).toMatchObject({ code: 0 })
  const bob = { ...ann, email: 'bob@example.com' }
  expect(await server.post('/api/register', bob)).toMatchObject({ status: 201 })

  const restored = await latchkey(['restore', file, '--replace', '--yes'])
  expect(restored.code).toBe(0)
  expect(await server.post('/api/login', bob)).toMatchObject({ status: 401 })
  expect(await server.post('/api/refresh', { refresh_token: tokens.refresh_token })).toMatchObject({ status: 200 })
})

test('what cannot be read, or has no room to be checked, is told', async ({
  latchkey,
  makeUser,
  elsewhere,
  folder,
}) => {
  await makeUser('ann@example.com')
  const file = join(folder, 'a.backup')
  await latchkey(['backup', file])
  const directory = await elsewhere(['restore', folder, '--yes'])
  expect([directory.code, directory.err]).toEqual([1, expect.stringContaining('cannot be read (EISDIR)')])
  const roomless = await elsewhere(['restore', file, '--yes'], { TMPDIR: join(folder, 'none') })
  expect([roomless.code, roomless.err]).toEqual([1, expect.stringContaining('enough room by TMPDIR')])
})

test('a database of another version is not backed up', async ({ latchkey, folder }) => {
  const { code, err } = await latchkey(['backup', join(folder, 'a.backup')])
  expect([code, err]).toEqual([4, expect.stringContaining('not up to this version')])
  expect(await readdir(folder)).toEqual([])
})
