import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EmbeddedPostgresError, explained } from './error.ts'
import { startEmbeddedPostgres } from './start.ts'
import { isRoot } from './system-user.ts'
import { expect, homeOf, ordinaryUser, ordinaryUserCanRun, test } from './testing/test.ts'

const ANOTHER_DATABASE = /^Cannot run the embedded PostgreSQL: [^\n]+, or set DATABASE_URL to [^\n]+\.$/

test('refuses a folder that holds something else, and leaves it as it is', async ({ folder }) => {
  await writeFile(join(folder, 'thesis.txt'), '')
  expect(await messageOf(folder)).toContain('holds files that are not of Latchkey (thesis.txt)')
  expect(await readdir(folder)).toEqual(['thesis.txt'])
})

test('refuses the data of another PostgreSQL', async ({ folder }) => {
  await writeFile(join(folder, 'PG_VERSION'), '15\n')
  expect(await messageOf(folder)).toContain('the data of another PostgreSQL (version 15)')
})

test('refuses data of its own from another major version', async ({ dataDir }) => {
  await made(dataDir())
  await writeFile(join((await homeOf(dataDir())).folder, 'data', 'PG_VERSION'), '17\n')
  expect(await messageOf(dataDir())).toMatch(/was made by PostgreSQL 17, and this is 18\. Move .* pg_dump/)
})

test('says that the password of the data is gone', async ({ dataDir }) => {
  await made(dataDir())
  await rm(join((await homeOf(dataDir())).folder, 'password'))
  expect(await messageOf(dataDir())).toContain('the password of its data, is gone')
})

test('tells what PostgreSQL says of a setting that it does not know', async ({ dataDir }) => {
  expect(await messageOf(dataDir(), { no_such_setting: 'on' })).toMatch(
    /"no_such_setting".* See .*postgres\.log, or set/,
  )
})

test('says that a file is in the way', async ({ folder }) => {
  await writeFile(join(folder, 'file'), '')
  expect(await messageOf(join(folder, 'file'))).toContain('is not a folder')
  expect(await messageOf(join(folder, 'file', 'postgres'))).toContain('is not a folder')
})

test.skipIf(!ordinaryUserCanRun)('says which folder cannot be written', async ({ folder, owner }) => {
  await chmod(folder, 0o555)
  const { error, name } = await refusedBy(owner(join(folder, 'postgres'), { user: await ordinaryUser() }).said())
  expect(error).toMatch(ANOTHER_DATABASE)
  expect(error).toContain(`${folder}/postgres cannot be written by this user`)
  expect(name).toBe('EmbeddedPostgresError')
})

test.skipIf(!isRoot() || !ordinaryUserCanRun)(
  'says that the data belong to another user (needs root to be two users)',
  async ({ dataDir, owner }) => {
    await made(dataDir())
    const { error } = await refusedBy(owner(dataDir(), { user: await ordinaryUser() }).said())
    expect(error).toMatch(ANOTHER_DATABASE)
    expect(error).toMatch(/cannot be (locked|written) by this user/)
  },
)

test.skipIf(!canMount()).for([0, 1, 4, 24])(
  'says that the disk is full, with %i MB of it (needs root to mount one)',
  async (megabytes, { folder }) => {
    await onDisk(folder, `size=${megabytes * 1024 + 32}k,mode=755`, async () => {
      expect(await messageOf(join(folder, 'postgres'))).toContain('the disk is full')
    })
  },
)

test.skipIf(!canMount())('says that the file system is read-only (needs root to mount one)', async ({ folder }) => {
  await onDisk(folder, 'ro', async () => {
    expect(await messageOf(join(folder, 'postgres'))).toContain('is on a read-only file system')
  })
})

test('says that the programs cannot run on this system', async ({ folder }) => {
  const program = join(folder, 'postgres')
  await writeFile(program, '#!/no/such/loader', { mode: 0o755 })
  const [fault] = await once(spawn(program), 'error')
  expect(explained(fault, folder).message).toContain(`${program} cannot be run here (ENOENT; it is made for glibc`)
})

async function messageOf(dataDir: string, settings = {}): Promise<string> {
  const fault: unknown = await startEmbeddedPostgres({ dataDir, settings }).then(
    (server) => server.stop(),
    (why) => why,
  )
  expect(fault).toBeInstanceOf(EmbeddedPostgresError)
  const { message } = fault as EmbeddedPostgresError
  expect(message).toMatch(ANOTHER_DATABASE)
  return message
}

async function refusedBy(said: Promise<object>): Promise<{ error: string; name: string }> {
  return (await said) as { error: string; name: string }
}

/** Makes a data directory and stops its server. */
async function made(dataDir: string): Promise<void> {
  await (await startEmbeddedPostgres({ dataDir })).stop()
}

function canMount(): boolean {
  return (
    isRoot() && process.platform === 'linux' && succeeds('unshare', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt')
  )
}

function succeeds(program: string, ...args: string[]): boolean {
  try {
    run(program, ...args)
    return true
  } catch {
    return false
  }
}

async function onDisk(folder: string, options: string, act: () => Promise<void>): Promise<void> {
  run('mount', '-t', 'tmpfs', '-o', options, 'none', folder)
  try {
    await act()
  } finally {
    run('umount', folder)
  }
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: 'pipe' })
}
