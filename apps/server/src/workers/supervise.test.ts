import { readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { COMMAND, saveSettings } from '@latchkey/core'
import { expect, statement, test as base } from '@latchkey/core/testing'
import { makeDataFolder, postmasterOf } from '../testing/data-folder.ts'
import { type Started, startProcess } from '../testing/process.ts'

const SECRET = 'a root secret for tests, of 32 characters and more'
const WORKERS = 2
/** The revision in force in each worker of a port. Those that were killed by other tests are still in the list. */
const IN_FORCE = statement<{ revision: number }>(
  'test.in-force',
  `select revision from instance where name like '%:' || $1 || '#%'`,
)
const NEWEST = statement<{ base: number }>(
  'test.newest',
  'select coalesce(max(number), 0) as base from settings_revision',
)

/** Two workers that serve, and where. */
const test = base
  .extend('start', ({}, { onCleanup }) => {
    const all: Started[] = []
    onCleanup(async () => {
      await Promise.all(all.map((started) => started.kill()))
    })
    return (environment: Record<string, string>): Started => {
      const started = startProcess(environment)
      all.push(started)
      return started
    }
  })
  .extend('served', async ({ start, databaseUrl }) => {
    const supervisor = start({
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://auth.example.com',
      LATCHKEY_WORKERS: String(WORKERS),
      DATABASE_URL: databaseUrl,
      LATCHKEY_SECRET: SECRET,
    })
    const url = `http://127.0.0.1:${await supervisor.says(/"port":(\d+),"msg":"listening"/)}`
    await expect.poll(() => workersOf(supervisor).length, { timeout: 10_000 }).toBe(WORKERS)
    await expect.poll(() => linesOf(supervisor, 'ready').length, { timeout: 10_000 }).toBe(WORKERS)
    return { supervisor, url }
  })

/** A port that nobody has just now. */
async function freePort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return String(typeof address === 'object' && address?.port)
}

/** The processes that it has started, by what the system says. */
function workersOf({ child }: Started): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === child.pid)
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}

/** It may have ended since it was seen. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** The lines of its log with this message. */
function linesOf({ out }: Started, message: string): Record<string, unknown>[] {
  const lines = out.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  return lines.map((line): Record<string, unknown> => JSON.parse(line)).filter(({ msg }) => msg === message)
}

/** Asks on a new connection each time, so that the kernel chooses each time. */
async function ask(url: string): Promise<number | 'refused'> {
  const answer = await fetch(`${url}/api/me`, { headers: { connection: 'close' } }).catch(() => undefined)
  await answer?.body?.cancel()
  return answer?.status ?? 'refused'
}

test('all workers answer, each says which it is, and each counts as an instance', { timeout: 60_000 }, async ({
  served: { supervisor, url },
  core,
}) => {
  for (let i = 0; i < 40; i++) expect(await ask(url)).toBe(401)
  await expect
    .poll(() => new Set(linesOf(supervisor, 'request').map(({ worker }) => worker)), { timeout: 5000 })
    .toEqual(new Set([1, 2]))
  const names = await core.db.many<{ name: string }>({ name: 'test.names', text: 'select name from instance' }, [])
  const numbers = names.map(({ name }) => name.split('#')[1])
  expect(new Set(numbers)).toEqual(new Set(['1', '2']))
})

test('a worker that is killed is started again, and the other one answers meanwhile', { timeout: 60_000 }, async ({
  served: { supervisor, url },
}) => {
  const [killed = 0] = workersOf(supervisor)
  process.kill(killed, 'SIGKILL')
  await expect.poll(() => linesOf(supervisor, 'a worker has ended: starting it again')).toHaveLength(1)
  // The new one takes no request before it can answer it.
  while (linesOf(supervisor, 'ready').length === WORKERS) expect(await ask(url)).toBe(401)
  await expect
    .poll(() => workersOf(supervisor).filter((pid) => pid !== killed).length, { timeout: 10_000 })
    .toBe(WORKERS)
  expect(await ask(url)).toBe(401)
  await expect.poll(() => linesOf(supervisor, 'ready').length, { timeout: 10_000 }).toBe(WORKERS + 1)
})

test('a stop drains all of them, and is in order', { timeout: 60_000 }, async ({ served: { supervisor, url } }) => {
  const answers: (number | 'refused')[] = []
  const asking = (async () => {
    while (answers.at(-1) !== 'refused') answers.push(await ask(url))
  })()
  await delay(200)
  supervisor.child.kill('SIGTERM')
  expect(await supervisor.ended).toBe(0)
  await asking
  // Those that came after the signal are told to come again; none is cut.
  expect(answers.filter((answer) => answer !== 401 && answer !== 503 && answer !== 'refused')).toEqual([])
  expect(answers).toContain(401)
})

test('workers whose supervisor was killed end by themselves', { timeout: 60_000 }, async ({
  served: { supervisor },
}) => {
  const workers = workersOf(supervisor)
  supervisor.child.kill('SIGKILL')
  const alive = () => workers.filter((pid) => parentOf(pid) !== 0)
  await expect.poll(alive, { timeout: 12_000 }).toEqual([])
})

test('a port that is taken ends the start', { timeout: 60_000 }, async ({ served: { url }, start, databaseUrl }) => {
  const second = start({
    PORT: new URL(url).port,
    LATCHKEY_WORKERS: '2',
    DATABASE_URL: databaseUrl,
    LATCHKEY_SECRET: SECRET,
  })
  expect(await second.ended).toBe(1)
  expect(second.err).toContain('is in use')
})

test('a worker that cannot start says why, once, and ends the start', { timeout: 60_000 }, async ({
  start,
  databaseUrl,
}) => {
  const supervisor = start({
    LATCHKEY_WORKERS: '2',
    DATABASE_URL: databaseUrl,
    LATCHKEY_SECRET: 'another secret than that of this database, of 32 characters',
  })
  expect(await supervisor.ended).toBe(1)
  expect(supervisor.err.match(/LATCHKEY_SECRET is not the one/g)).toHaveLength(1)
  expect(supervisor.err).toContain('could not start')
})

test('a worker that ends again and again ends all of it', { timeout: 60_000 }, async ({ served: { supervisor } }) => {
  const [kept] = workersOf(supervisor)
  while (supervisor.child.exitCode === null) {
    for (const pid of workersOf(supervisor)) if (pid !== kept) killIfThere(pid)
    await delay(10)
  }
  expect(await supervisor.ended).toBe(1)
  expect(supervisor.out).toMatch(/Worker \d has ended 5 times, each soon after its start/)
  expect(linesOf(supervisor, 'stopped')).toHaveLength(1)
})

test('a change of a setting is in force in all workers within a second', { timeout: 60_000 }, async ({
  served: { url },
  core,
}) => {
  const newest = await core.db.one(NEWEST, [])
  const values = { changes: { REFRESH_GRACE: 7 }, base: newest?.base ?? 0 }
  const { revision } = await saveSettings(core, values, COMMAND)
  const inForce = async () => {
    const instances = await core.db.many(IN_FORCE, [new URL(url).port])
    return instances.map((instance) => instance.revision)
  }
  await expect.poll(inForce, { timeout: 1000, interval: 10 }).toEqual([revision, revision])
})

test('of two that start at once on one port only one serves', { timeout: 60_000 }, async ({ start, databaseUrl }) => {
  const environment = {
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://auth.example.com',
    PORT: await freePort(),
    LATCHKEY_WORKERS: '2',
    LATCHKEY_MIGRATE: 'on',
    DATABASE_URL: databaseUrl,
    LATCHKEY_SECRET: SECRET,
  }
  const both = [start(environment), start(environment)]
  const loser = await Promise.race(both.map(async (each) => (await each.ended, each)))
  expect(loser.child.exitCode).toBe(1)
  expect(loser.out).toContain('is in use')
  const winner = both.find((each) => each !== loser)!
  await expect.poll(() => linesOf(winner, 'ready').length, { timeout: 10_000 }).toBe(WORKERS)
})

test('a worker that hangs does not keep a stop from ending', { timeout: 60_000 }, async ({
  served: { supervisor },
}) => {
  const [hanging = 0] = workersOf(supervisor)
  process.kill(hanging, 'SIGSTOP')
  const began = performance.now()
  supervisor.child.kill('SIGTERM')
  expect(await supervisor.ended).toBe(0)
  expect(performance.now() - began).toBeLessThan(10_500)
  expect(linesOf(supervisor, 'a worker did not end in time: it is killed')).toHaveLength(1)
  expect(parentOf(hanging)).toBe(0)
})

test('workers share an embedded database, which ends with the last of them; warnings come once', {
  timeout: 60_000,
}, async ({ start, onTestFinished }) => {
  const folder = await makeDataFolder()
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const supervisor = start({
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://auth.example.com',
    LATCHKEY_WORKERS: String(WORKERS),
    LATCHKEY_MIGRATE: 'on',
    LATCHKEY_DATA_DIR: folder,
    LATCHKEY_SECRET: SECRET,
    LATCHKEY_COLOUR: 'red',
  })
  await expect.poll(() => linesOf(supervisor, 'ready').length, { timeout: 30_000 }).toBe(WORKERS)
  expect(supervisor.out.match(/LATCHKEY_COLOUR is not/g)).toHaveLength(1)
  const postmaster = await postmasterOf(folder)
  const [first = 0] = workersOf(supervisor)
  process.kill(first, 'SIGKILL')
  await expect.poll(() => linesOf(supervisor, 'ready').length, { timeout: 10_000 }).toBe(WORKERS + 1)
  expect(await postmasterOf(folder)).toBe(postmaster)
  supervisor.child.kill('SIGTERM')
  expect(await supervisor.ended).toBe(0)
  await expect(postmasterOf(folder)).rejects.toThrow('ENOENT')
})
