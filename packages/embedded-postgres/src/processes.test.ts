import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isPostmasterOf } from './postmaster-file.ts'
import { programOptions } from './program.ts'
import { startEmbeddedPostgres } from './start.ts'
import { ask, expect, homeOf, postmasterPidOf, test } from './testing/test.ts'

test('processes that start at once end with one postmaster', async ({ owner }) => {
  const owners = [1, 2, 3].map(() => owner())
  const urls = await Promise.all(owners.map((each) => each.url()))
  const starts = await Promise.all(urls.map((url) => ask(url, 'select pg_postmaster_start_time()::text')))
  expect(new Set(urls).size).toBe(1)
  expect(new Set(starts).size).toBe(1)
})

test('the last process that uses it stops it', async ({ dataDir, owner }) => {
  const other = owner()
  const url = await other.url()
  const ours = await startEmbeddedPostgres({ dataDir: dataDir() })
  await other.stop()
  expect(await ask(ours.url, 'select 1')).toBe(1)
  await ours.stop()
  await expect(ask(url, 'select 1')).rejects.toThrow('ENOENT')
})

test('two uses in one process count as two', async ({ dataDir }) => {
  const first = await startEmbeddedPostgres({ dataDir: dataDir() })
  const second = await startEmbeddedPostgres({ dataDir: dataDir() })
  await first.stop()
  await first.stop()
  expect(await ask(second.url, 'select 1')).toBe(1)
  await second.stop()
  await expect(ask(second.url, 'select 1')).rejects.toThrow('ENOENT')
})

test('is found again each time its owner is killed', async ({ dataDir, owner }) => {
  const pids = new Set<number>()
  for (const round of [1, 2, 3]) {
    const killed = owner()
    const url = await killed.url()
    await ask(url, `create table round_${round} ()`)
    pids.add(await postmasterPidOf(dataDir()))
    await killed.kill('SIGKILL')
  }
  const server = await startEmbeddedPostgres({ dataDir: dataDir() })
  expect(await ask(server.url, `select count(*)::int from pg_tables where tablename like 'round_%'`)).toBe(3)
  expect(pids.size).toBe(1)
  await server.stop()
  const { folder } = await homeOf(dataDir())
  expect(isPostmasterOf(join(folder, 'data'), [...pids][0]!)).toBe(false)
})

test('a killed owner does not keep the server from being stopped by another', async ({ dataDir, owner }) => {
  const killed = owner()
  const url = await killed.url()
  const ours = await startEmbeddedPostgres({ dataDir: dataDir() })
  await killed.kill('SIGKILL')
  await ours.stop()
  await expect(ask(url, 'select 1')).rejects.toThrow('ENOENT')
})

test('answers on after a Ctrl-C in the terminal, until its owner stops it', async ({ owner }) => {
  const interrupted = owner()
  await interrupted.url()
  await interrupted.kill('SIGINT', 'group')
  expect(await interrupted.said()).toEqual({ answered: 1 })
})

test('recovers after the postmaster was killed, with its users still there', async ({ dataDir, owner }) => {
  const other = owner()
  await ask(await other.url(), 'create table kept as select 42 as value')
  process.kill(await postmasterPidOf(dataDir()), 'SIGKILL')
  const server = await startEmbeddedPostgres({ dataDir: dataDir() })
  expect(await ask(server.url, 'select value from kept')).toBe(42)
  await other.kill('SIGKILL')
  await server.stop()
})

test('recovers although another program has the pid of the killed postmaster', async ({ dataDir }) => {
  const first = await startEmbeddedPostgres({ dataDir: dataDir() })
  await ask(first.url, 'create table kept as select 42 as value')
  const home = await homeOf(dataDir())
  process.kill(await postmasterPidOf(dataDir()), 'SIGKILL')
  const stranger = spawn('sleep', ['600'], { ...programOptions(home), cwd: '/' })
  await givePid(join(home.folder, 'data', 'postmaster.pid'), stranger)
  await givePid(join(home.folder, 'socket', '.s.PGSQL.5432.lock'), stranger)
  const second = await startEmbeddedPostgres({ dataDir: dataDir() })
  expect(await ask(second.url, 'select value from kept')).toBe(42)
  expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null])
  stranger.kill()
  await first.stop()
  await second.stop()
})

test('uses a postmaster that it cannot see, as in another container', async ({ dataDir }) => {
  const first = await startEmbeddedPostgres({ dataDir: dataDir() })
  const file = join((await homeOf(dataDir())).folder, 'data', 'postmaster.pid')
  const content = await readFile(file, 'utf8')
  await writeFile(file, content.replace(/^\d+/, '4194303'))
  const second = await startEmbeddedPostgres({ dataDir: dataDir() })
  expect(await ask(second.url, 'select 1')).toBe(1)
  await writeFile(file, content)
  await first.stop()
  await second.stop()
})

test('starts anew when somebody removed the socket of the one that runs', async ({ dataDir, owner }) => {
  const killed = owner()
  await killed.url()
  await killed.kill('SIGKILL')
  await rm(join((await homeOf(dataDir())).folder, 'socket'), { recursive: true })
  const server = await startEmbeddedPostgres({ dataDir: dataDir() })
  expect(await ask(server.url, 'select 1')).toBe(1)
  await server.stop()
})

test.for(['group', 'alone'] as const)(
  'makes the database again when its making was killed (%s)',
  async (whom, { dataDir, owner }) => {
    const killed = owner()
    await untilBeingMade(dataDir())
    await killed.kill('SIGKILL', whom)
    const server = await startEmbeddedPostgres({ dataDir: dataDir() })
    expect(await ask(server.url, 'select 1')).toBe(1)
    await server.stop()
    const { folder } = await homeOf(dataDir())
    expect((await readdir(folder)).filter((name) => name.endsWith('.password'))).toEqual([])
  },
)

/** Waits for the moment in which initdb has made half of the files. */
async function untilBeingMade(dataDir: string): Promise<void> {
  for (;;) {
    const names = existsSync(dataDir) ? await readdir(dataDir) : []
    const unfinished = names.find((name) => name.startsWith('data.unfinished-') && !name.endsWith('.password'))
    if (unfinished && existsSync(join(dataDir, unfinished, 'base', '1', 'PG_VERSION'))) return
    await sleep(5)
  }
}

async function givePid(file: string, { pid }: ChildProcess): Promise<void> {
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^\d+/, String(pid)))
}
