import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect, createServer } from 'node:net'
import { expect, test as base } from '@latchkey/core/testing'
import { makeDataFolder, postmasterOf } from './testing/data-folder.ts'
import { type Started, startProcess } from './testing/process.ts'

const SECRET = 'a root secret for tests, of 32 characters and more'
const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'https://auth.example.com', LATCHKEY_SECRET: SECRET }
const READY = /Latchkey \S+ is ready[^]*curl.*\n/
const LISTENING = /"port":(\d+),"msg":"listening"/
/** A port on which nobody listens and nobody will: it takes root to. */
const NOBODY = 'postgres://ann:opensesame@127.0.0.1:1/auth'

const test = base
  /** Starts a process that does not outlive its test. */
  .extend('start', ({}, { onCleanup }) => {
    const all: Started[] = []
    onCleanup(async () => {
      await Promise.all(all.map((started) => started.kill()))
    })
    return (environment: Record<string, string>, args?: string[]): Started => {
      const started = startProcess(environment, args)
      all.push(started)
      return started
    }
  })
  /** An empty data folder. */
  .extend('folder', async ({}, { onCleanup }) => {
    const folder = await makeDataFolder()
    onCleanup(() => rm(folder, { recursive: true, force: true }))
    return folder
  })
  /** A server that is ready, and where. */
  .extend('serving', async ({ start, databaseUrl }) => {
    const server = start({ DATABASE_URL: databaseUrl, LATCHKEY_SECRET: SECRET })
    await server.says(READY)
    return { server, url: await server.says(/http:\/\/localhost:\d+/) }
  })

/** A call whose body is still to come; what it is answered is in the promise. */
async function beginLogin(url: string): Promise<{ call: ClientRequest; answer: Promise<IncomingMessage> }> {
  const call = request(`${url}/api/login/`, { method: 'POST', headers: { 'Content-Type': 'application/json' } })
  const answer = once(call, 'response').then(([response]) => response as IncomingMessage)
  call.write('{"email": ')
  const [socket] = await once(call, 'socket')
  if (socket.connecting) await once(socket, 'connect')
  // The head of this answer shows that the server has read what was sent before it.
  await fetch(`${url}/livez`)
  return { call, answer }
}

test('prints its version and its usage, and refuses what it does not know', async ({ start }) => {
  const [version, help, unknown] = [start({}, ['--version']), start({}, ['--help']), start({}, ['serv'])]
  expect(await Promise.all([version.ended, help.ended, unknown.ended])).toEqual([0, 0, 2])
  expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(help.out).toContain('Usage: latchkey')
  expect(unknown.err).toContain("unknown command 'serv'")
})

test('faults of the environment end the start with one message and no stack', async ({ start }) => {
  const local = start({ PORT: 'eighty', LATCHKEY_MIGRATE: 'perhaps' })
  expect(await local.ended).toBe(1)
  expect(local.err).toContain('2 faults')
  expect(local.err).not.toMatch(/^ +at /m)
})

test('production says so in one line of JSON', async ({ start }) => {
  const production = start({ NODE_ENV: ' production ' })
  expect(await production.ended).toBe(1)
  expect(production.err).toBe('')
  expect(JSON.parse(production.out)).toMatchObject({ level: 'fatal', msg: expect.stringContaining('PUBLIC_URL') })
})

test('a local start prints six lines, and no password', async ({ serving: { server, url }, databaseUrl }) => {
  expect(server.err).toBe('')
  expect(server.out.trimEnd().split('\n')).toHaveLength(6)
  expect(server.out).not.toContain(new URL(databaseUrl).password)
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
})

test('two first starts at once agree on the secret that they make', async ({ start, emptyDatabase, folder }) => {
  const environment = { DATABASE_URL: await emptyDatabase(), LATCHKEY_DATA_DIR: folder }
  const both = [start(environment), start(environment)]
  for (const server of both) await server.says(READY)
})

test('a port in use ends the start', async ({ start, onTestFinished }) => {
  const other = createServer()
  onTestFinished(() => void other.close())
  await once(other.listen(0, '127.0.0.1'), 'listening')
  const address = other.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  const server = start({ PORT: port, DATABASE_URL: NOBODY })
  expect(await server.ended).toBe(1)
  expect(server.err).toBe(`Port ${port} of 127.0.0.1 is in use. Stop what uses it, or choose another one by PORT.\n`)
})

test('a database that cannot be reached ends the start after some tries', { timeout: 30_000 }, async ({ start }) => {
  const server = start({ DATABASE_URL: NOBODY, LATCHKEY_SECRET: SECRET })
  await server.says(/Trying again for 10 s/)
  expect(await server.ended).toBe(1)
  expect(server.err).toMatch(/The database ann@127.0.0.1:1\/auth cannot be used: .*ECONNREFUSED.*DATABASE_URL/)
  expect(server.err).not.toMatch(/opensesame|^ +at /m)
  expect(server.out).toBe('')
})

test('a start that waits for its database lives, and is not ready', async ({ start }) => {
  const server = start({ ...PRODUCTION, DATABASE_URL: NOBODY })
  const url = `http://127.0.0.1:${await server.says(LISTENING)}`
  await server.says(/Trying again for 10 s/)
  const live = await fetch(`${url}/livez`)
  expect([live.status, await live.json()]).toEqual([200, { status: 'live' }])
  for (const path of ['/readyz', '/api/me/']) {
    const answer = await fetch(url + path)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await answer.json()).toMatchObject({ code: 'unavailable', status: 503 })
  }
})

test('a check by HTTP/1.0, which needs no Host, is answered', async ({ serving: { url } }) => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8')
  socket.write('GET /livez HTTP/1.0\r\n\r\n')
  expect((await socket.toArray()).join('')).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*{"status":"live"}$/)
})

test('production waits for migrations, not ready, until another process makes them', { timeout: 30_000 }, async ({
  start,
  emptyDatabase,
}) => {
  const environment = { ...PRODUCTION, DATABASE_URL: await emptyDatabase() }
  const waiting = start(environment)
  const url = `http://127.0.0.1:${await waiting.says(LISTENING)}`
  await waiting.says(/pending: 0001/)
  const unready = await fetch(`${url}/readyz`)
  expect(unready.status).toBe(503)
  expect(unready.headers.get('retry-after')).toBe('1')
  expect(await unready.json()).toMatchObject({ database: 'ok', migrations: 'not ready', keys: 'unknown' })
  await start({ ...environment, LATCHKEY_MIGRATE: 'on' }).says(/"msg":"ready"/)
  await waiting.says(/"msg":"ready"/)
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200)
  for (const line of waiting.out.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('level')
})

test('SIGTERM: the answer in flight is whole, nobody new gets in, and it ends with 0', async ({
  serving: { server, url },
}) => {
  const { call, answer } = await beginLogin(url)
  server.child.kill('SIGTERM')
  await refused(url)
  call.end('"nobody@example.com", "password": "password"}')
  const response = await answer
  expect(response.statusCode).toBe(401)
  expect(response.headers.connection).toBe('close')
  expect((await response.setEncoding('utf8').toArray()).join('')).toContain('invalid_credentials')
  expect(await server.ended).toBe(0)
})

test('a second signal ends it at once', async ({ serving: { server, url } }) => {
  const { answer } = await beginLogin(url)
  const again = setInterval(() => server.child.kill('SIGTERM'), 50)
  await expect(answer).rejects.toThrow('socket hang up')
  expect(await server.ended).toBe(143)
  clearInterval(again)
})

test('what PostgreSQL refuses amid a migration ends the start, and it is clear where and what to do', async ({
  start,
  emptyDatabase,
  createInstance,
}) => {
  const url = new URL(await emptyDatabase())
  const { db } = await createInstance({ databaseUrl: url.href })
  await db.many({ name: 'test.theirs', text: 'create table account (id int)' }, [])
  const server = start({ DATABASE_URL: url.href, LATCHKEY_SECRET: SECRET })
  expect(await server.ended).toBe(1)
  expect(server.err).toMatch(/^The PostgreSQL at \S+ cannot be used: relation "account" already exists\. Give .*\.\n$/)
  expect(server.err).toContain(url.pathname)
  expect(server.err).not.toContain(url.password)
})

test('a user without rights is told what it needs, and where', async ({ start, emptyDatabase, createInstance }) => {
  const url = new URL(await emptyDatabase())
  const { db } = await createInstance({ databaseUrl: url.href })
  const name = `guest_${Date.now()}`
  await db.many({ name: 'test.role', text: `create role ${name} login password 'opensesame'` }, [])
  Object.assign(url, { username: name, password: 'opensesame' })
  const server = start({ DATABASE_URL: url.href, LATCHKEY_SECRET: SECRET })
  const line = await server.says(/.*not ready yet.*\n/)
  await server.kill()
  await db.many({ name: 'test.drop', text: `drop role ${name}` }, [])
  expect(line).toContain('create tables')
  expect(line).toContain(`${name}@`)
  expect(line).toContain(url.pathname)
  expect(server.err).not.toContain('opensesame')
})

test('a database that forgets commits is refused', async ({ start, databaseUrl }) => {
  const server = start({ DATABASE_URL: `${databaseUrl}?options=-csynchronous_commit%3Doff`, LATCHKEY_SECRET: SECRET })
  expect(await server.ended).toBe(1)
  expect(server.err).toMatch(/^synchronous_commit is off.*\n$/)
})

test('the embedded database is started again when it was killed, and stopped in the end', async ({ start, folder }) => {
  const server = start({ LATCHKEY_DATA_DIR: folder })
  await server.says(READY)
  const url = await server.says(/http:\/\/localhost:\d+/)
  const status = async () => (await fetch(`${url}/readyz`)).status
  process.kill(await postmasterOf(folder), 'SIGKILL')
  await expect.poll(status, { timeout: 5000 }).toBe(503)
  await expect.poll(status, { timeout: 15_000 }).toBe(200)
  server.child.kill('SIGTERM')
  expect(await server.ended).toBe(0)
  await expect(postmasterOf(folder)).rejects.toThrow('ENOENT')
})

test('a signal amid a first start ends it in order', async ({ start, folder }) => {
  const server = start({ LATCHKEY_DATA_DIR: folder, LATCHKEY_LOG_LEVEL: 'info' })
  await server.says(/listening/)
  server.child.kill('SIGINT')
  expect(await server.ended).toBe(0)
  expect(server.out).toBe('')
  await expect(postmasterOf(folder)).rejects.toThrow('ENOENT')
})

/** Waits until nobody listens any more. */
async function refused(url: string): Promise<void> {
  for (;;) {
    const socket = request(`${url}/livez`, { agent: false })
    const outcome = await Promise.race([
      once(socket.end(), 'response').then(() => 'answered'),
      once(socket, 'error').then(([error]) => String(error)),
    ]).catch((error: unknown) => String(error))
    if (outcome.includes('ECONNREFUSED')) return
  }
}
