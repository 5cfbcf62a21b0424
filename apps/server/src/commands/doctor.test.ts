import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { statement } from '@latchkey/core/testing'
import { test as base, expect, type Ran, runCommand } from '../testing/command.ts'
import { makeDataFolder } from '../testing/data-folder.ts'

interface Item {
  check: string
  outcome: string
  says: string
  remedy: string | null
}

const itemsOf = (ran: Ran): Item[] => ran.json().items as Item[]
const itemOf = (ran: Ran, check: string): Item | undefined => itemsOf(ran).find((item) => item.check === check)

const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'https://auth.example.com', LATCHKEY_MIGRATE: 'on' }

const test = base
  .extend('examine', ({ environment, latchkey }) => async (changed: Record<string, string> = {}) => {
    Object.assign(environment, changed)
    return await latchkey(['doctor', '--json'])
  })
  .extend('folder', async ({}, { onCleanup }) => {
    const folder = await makeDataFolder()
    onCleanup(() => rm(folder, { recursive: true, force: true }))
    return folder
  })

test('all is well where it is, and every finding that is not says what to do', async ({ openServer, examine }) => {
  await openServer()
  const ran = await examine()
  expect([ran.code, ran.json().ok]).toEqual([0, true])
  const wrong = itemsOf(ran).filter(({ outcome }) => outcome !== 'ok')
  expect(wrong.map(({ check }) => check)).toEqual(['admins'])
  for (const { remedy } of wrong) expect(remedy).not.toBe(null)
  expect(itemsOf(ran).map(({ check }) => check)).toEqual(
    expect.arrayContaining(['environment', 'database', 'clock', 'disk', 'migrations', 'keys', 'instances', 'audit']),
  )
})

test('for people it is a line for each, and what to do below it', async ({ openServer, latchkey }) => {
  await openServer()
  const { code, out, err } = await latchkey(['doctor'])
  expect(code).toBe(0)
  expect(out).toMatch(/^ok +database: The PostgreSQL at .+ answers: PostgreSQL \d+/m)
  expect(out).toMatch(/^warning +admins: There is no admin\.\n +-> Run: latchkey admin create/m)
  expect(err).toMatch(/^1 with a warning, \d+ ok\.$/m)
})

test('faults of the environment are failures, all of them', async () => {
  const ran = await runCommand(['doctor', '--json'], { environment: { PORT: 'x', DATABASE_URL: 'mysql://db/x' } })
  expect(ran.code).toBe(1)
  expect(itemOf(ran, 'environment')).toMatchObject({ outcome: 'failure', says: expect.stringContaining('2 faults') })
})

test('a database that cannot be reached is a failure, and its password is not shown', async () => {
  const environment = {
    DATABASE_URL: 'postgres://latchkey:geheim@127.0.0.1:1/latchkey',
    LATCHKEY_SECRET: 'a root secret for tests, of 32 characters and more',
  }
  const ran = await runCommand(['doctor', '--json'], { environment })
  expect(ran.code).toBe(1)
  expect(itemOf(ran, 'database')).toMatchObject({ outcome: 'failure', remedy: expect.stringContaining('DATABASE_URL') })
  expect(ran.out + ran.err).not.toContain('geheim')
})

test('pending migrations are a note where a start applies them, else a failure; nothing is changed', async ({
  examine,
}) => {
  expect(itemOf(await examine(), 'migrations')).toMatchObject({ outcome: 'note' })
  const strict = await examine({ LATCHKEY_MIGRATE: 'off' })
  expect([strict.code, itemOf(strict, 'migrations')?.outcome]).toEqual([1, 'failure'])
})

test('where no start has been yet, nothing is made just for looking', async ({ folder }) => {
  const ran = await runCommand(['doctor', '--json'], { environment: { LATCHKEY_DATA_DIR: folder } })
  expect(ran.code).toBe(0)
  expect(itemOf(ran, 'database')).toMatchObject({ outcome: 'note', remedy: expect.stringContaining('latchkey serve') })
  expect(itemOf(ran, 'disk')?.outcome).toBe('ok')
  expect(await readdir(folder)).toEqual([])
})

test('a root secret that is not there any more is told, and none is made', async ({
  openServer,
  environment,
  folder,
}) => {
  await openServer()
  const changed = { DATABASE_URL: environment.DATABASE_URL, LATCHKEY_DATA_DIR: folder }
  const ran = await runCommand(['doctor', '--json'], { environment: changed })
  expect([ran.code, itemOf(ran, 'root_secret')?.outcome, itemOf(ran, 'keys')?.outcome]).toEqual([1, 'note', 'failure'])
  expect(itemOf(ran, 'admins')?.outcome, 'the rest is looked at all the same').toBe('warning')
  expect(await readdir(folder)).toEqual([])
  await writeFile(join(folder, 'secret'), 'half a sec')
  const cut = await runCommand(['doctor', '--json'], { environment: changed })
  expect(itemOf(cut, 'root_secret')).toMatchObject({
    outcome: 'failure',
    says: expect.stringContaining('does not hold'),
  })
})

test('an embedded database that cannot be started is a failure', async ({ folder }) => {
  await mkdir(join(folder, 'postgres'))
  await writeFile(join(folder, 'postgres/letter.txt'), '')
  const ran = await runCommand(['doctor', '--json'], { environment: { LATCHKEY_DATA_DIR: folder } })
  expect(ran.code).toBe(1)
  expect(itemOf(ran, 'database')).toMatchObject({
    outcome: 'failure',
    remedy: expect.stringContaining('LATCHKEY_DATA_DIR'),
  })
})

test('the first admin of the environment is told of before and after it is made', async ({
  openServer,
  examine,
  latchkey,
}) => {
  await openServer()
  const password = 'copper lantern under the stairs'
  const before = await examine({
    LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: 'mara@example.com',
    LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: password,
  })
  expect(itemOf(before, 'admins')).toMatchObject({ outcome: 'note', says: 'There is no admin yet.' })
  await latchkey(['admin', 'create', '--email', 'mara@example.com', '--password-stdin'], password)
  const after = await examine()
  expect(itemOf(after, 'admins')).toMatchObject({ outcome: 'note', remedy: expect.stringContaining('Take') })
  expect(after.out + after.err).not.toContain(password)
})

test('a later version is told by its migrations, and by its settings that are not in force', async ({
  openServer,
  examine,
}) => {
  const { db } = await openServer()
  const run = (text: string) => db.many(statement('', text), [])
  await run(`insert into migration (name) values ('9999-later')`)
  const stored = JSON.stringify({ values: { REFRESH_GRACE: 'soon' }, overrides: {} })
  await run(`insert into settings_revision values (1, now(), 'change', 'command', null, '', null, '[]', '${stored}')`)
  const ran = await examine()
  expect(itemOf(ran, 'migrations')).toMatchObject({ outcome: 'warning', says: expect.stringContaining('9999-later') })
  expect(itemOf(ran, 'settings')).toMatchObject({ outcome: 'warning', says: expect.stringContaining('REFRESH_GRACE') })
})

test('another root secret is a failure', async ({ openServer, examine }) => {
  await openServer()
  const ran = await examine({ LATCHKEY_SECRET: 'another root secret, of 32 characters and more' })
  expect([ran.code, itemOf(ran, 'keys')?.outcome]).toEqual([1, 'failure'])
})

test('in production an open registration with a weak policy is warned of, and a proxy that nobody trusts', async ({
  openServer,
  examine,
  latchkey,
}) => {
  await openServer()
  const strict = await examine(PRODUCTION)
  expect(itemOf(strict, 'registration')?.outcome).toBe('ok')
  expect(itemOf(strict, 'proxies')).toMatchObject({ outcome: 'note', remedy: expect.stringContaining('TRUSTED') })
  await latchkey(['config', 'set', 'PASSWORD_LENGTH_MIN=8'])
  const weak = await examine({ LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8' })
  expect(itemOf(weak, 'registration')).toMatchObject({ outcome: 'warning', says: expect.stringContaining('8') })
  expect(itemOf(weak, 'proxies')?.outcome).toBe('ok')
})

test.for([
  [{ HOST: '0.0.0.0' }, 'transport', 'warning'],
  [{ ...PRODUCTION, HOST: '0.0.0.0' }, 'transport', 'note'],
  [{ ...PRODUCTION, PUBLIC_URL: 'http://auth.example.com' }, 'transport', 'warning'],
  [{ LATCHKEY_TRUSTED_PROXIES: '0.0.0.0/0' }, 'proxies', 'warning'],
  [{ LATCHKEY_SECRE: 'x' }, 'environment', 'warning'],
  [{ LATCHKEY_REFRESH_GRACE: '7s' }, 'settings', 'note'],
] as const)('%j: %s is a %s', async ([changed, check, outcome], { openServer, examine }) => {
  await openServer()
  expect(itemOf(await examine(changed), check)?.outcome).toBe(outcome)
})

test('what runs in the cluster is looked at: instances, months of the audit, commits', async ({
  openServer,
  examine,
}) => {
  const { db } = await openServer()
  const run = (text: string) => db.many(statement('', text), [])
  await run(`insert into instance values (gen_random_uuid(), 'old', '0.0.1', now(), now(), 0, 0)`)
  expect(itemOf(await examine(), 'instances')?.says).toContain('old (0.0.1)')
  await run(`insert into settings_revision values (3, now(), 'change', 'command', null, '', null, '[]', '{}')`)
  await run(`insert into audit_event (at, name) values ('2001-01-01', 'user.updated')`)
  await run(`do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$`)
  const ran = await examine()
  expect(itemOf(ran, 'instances')?.says).toContain('Not yet at revision 3 of the settings: old (0).')
  expect(itemOf(ran, 'audit')).toMatchObject({ outcome: 'warning' })
  expect(itemOf(ran, 'synchronous_commit')).toMatchObject({ outcome: 'failure' })
  expect(ran.code).toBe(1)
})
