import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test as base } from '@latchkey/core/testing'
import { type Started, startProcess } from '../testing/process.ts'

const SECRET = 'a root secret for tests, of 32 characters and more'
const WORKERS = 2

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
  await expect
    .poll(() => workersOf(supervisor).filter((pid) => pid !== killed).length, { timeout: 10_000 })
    .toBe(WORKERS)
  expect(linesOf(supervisor, 'a worker has ended: starting it again')).toHaveLength(1)
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
