import { connect } from 'node:net'
import { COMMAND, type Core, setPassword } from '@latchkey/core'
import { test as base, expect, PASSWORD, ROOT_SECRET, statement } from '@latchkey/core/testing'
import { type Instance, startInstance } from './testing/instance.ts'

const NEWEST_SESSION = statement<{ generation: number; converged: number }>(
  'test.newest-session',
  `select generation, converged from session join account on account.id = account_id
    where email = $1 order by session.created_at desc limit 1`,
)

const LOCK_SESSIONS = statement(
  'test.lock-sessions',
  'select from session where account_id = (select id from account where email = $1) for update',
)
const WAITING = statement<{ waiting: boolean }>(
  'test.waiting',
  `select exists (
     select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as waiting`,
)

/** Two processes on one database: what races in one process proves nothing about locks and clocks of two. */
const test = base
  .extend('instances', { scope: 'worker' }, async ({ databaseUrl }, { onCleanup }) => {
    const environment = { DATABASE_URL: databaseUrl, LATCHKEY_SECRET: ROOT_SECRET, PUBLIC_URL: 'https://auth.example' }
    const instances = await Promise.all([startInstance(environment), startInstance(environment)])
    onCleanup(async () => {
      await Promise.all(instances.map((instance) => instance.kill()))
    })
    return instances
  })
  .extend('email', async ({ instances: [one] }) => (await makeAccount(one)).email)
  .extend('token', async ({ instances: [one], email }) => logIn(one, email))

async function makeAccount(instance: Instance): Promise<{ email: string; id: number }> {
  const email = `${crypto.randomUUID()}@example.com`
  const { body } = await instance.post('/api/register/', { email, password: PASSWORD })
  return { email, id: Number(body.id) }
}

/** Looks into the database: what happened, whatever was answered. */
async function newestSession({ db }: Core, email: string) {
  return await db.one(NEWEST_SESSION, [email])
}

async function logIn(instance: Instance, email: string, password = PASSWORD): Promise<string> {
  const { status, body } = await instance.post('/api/login/', { email, password })
  expect(status).toBe(200)
  return body.refresh_token ?? ''
}

const refresh = (instance: Instance, token: string) => instance.post('/api/refresh/', { refresh_token: token })
/** Sends a refresh whole, and closes the connection without waiting for what comes back. */
async function sendAndHangUp({ url }: Instance, token: string): Promise<void> {
  const body = JSON.stringify({ refresh_token: token })
  const head = `POST /api/refresh/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await new Promise<void>((resolve, reject) =>
    socket.once('error', reject).write(`${head}\r\n\r\n${body}`, () => resolve()),
  )
  socket.destroy()
}

const logout = (instance: Instance, token: string) => instance.post('/api/logout/', { refresh_token: token })

test.for([2, 3, 8, 16, 64])(
  '%i racers on one token get one successor, and one live token is left',
  async (racers, { instances: [one, two], token }) => {
    const answers = await Promise.all(Array.from({ length: racers }, (_, i) => refresh(i % 2 === 0 ? one : two, token)))
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]))
    const successors = new Set(answers.map((answer) => answer.body.refresh_token))
    expect(successors.size).toBe(1)
    const [successor = ''] = successors
    expect(successor).not.toBe(token)
    expect((await refresh(one, successor)).status).toBe(200)
  },
)

test('racers over many generations never log an honest client out', async ({ instances: [one, two], token }) => {
  let current = token
  for (let generation = 0; generation < 25; generation++) {
    const answers = await Promise.all([0, 1, 0, 1].map((i) => refresh(i === 0 ? one : two, current)))
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200])
    current = answers[generation % 4]?.body.refresh_token ?? ''
  }
})

test('logout against refreshes on the other instance: the session is over, whoever came first', async ({
  instances: [one, two],
  email,
}) => {
  for (let round = 0; round < 10; round++) {
    const token = await logIn(one, email)
    const [ended, ...refreshed] = await Promise.all([
      logout(one, token),
      ...[1, 2, 3, 4].map(() => refresh(two, token)),
    ])
    expect(ended?.status).toBe(200)
    for (const answer of refreshed) {
      expect([200, 401]).toContain(answer.status)
      if (answer.status === 200) expect((await refresh(one, answer.body.refresh_token ?? '')).status).toBe(401)
    }
    expect((await refresh(two, token)).status).toBe(401)
  }
})

test('a register of one address from both instances makes one account and leaves no gap', async ({
  instances: [one, two],
}) => {
  const register = (instance: Instance, email: string) => instance.post('/api/register/', { email, password: PASSWORD })
  const ids: number[] = []
  for (let round = 0; round < 5; round++) {
    const email = `${crypto.randomUUID()}@example.com`
    const answers = await Promise.all([0, 1, 0, 1, 0, 1].map((i) => register(i === 0 ? one : two, email)))
    const made = answers.filter((answer) => answer.status === 201)
    expect(made).toHaveLength(1)
    expect(answers.filter((answer) => answer.status === 409)).toHaveLength(5)
    ids.push(Number(made[0]?.body.id))
  }
  expect(ids).toEqual(Array.from(ids, (_, i) => (ids[0] ?? 0) + i))
})

test('a reply that is dropped after the commit: who tries again, on whichever instance, goes on', async ({
  instances: [one, two],
  core,
  email,
}) => {
  for (let round = 0; round < 10; round++) {
    const token = await logIn(one, email)
    await sendAndHangUp(one, token)
    await expect.poll(async () => (await newestSession(core, email))?.generation, { interval: 5 }).toBe(1)
    const retried = await refresh(round % 2 === 0 ? one : two, token)
    expect(retried.status).toBe(200)
    expect(await newestSession(core, email)).toMatchObject({ generation: 1, converged: 1 })
    expect((await refresh(one, retried.body.refresh_token ?? '')).status).toBe(200)
  }
})

test('no login, on either instance, survives a change of password', async ({ instances: [one, two], core }) => {
  for (let round = 0; round < 5; round++) {
    const { email, id } = await makeAccount(one)
    const logins = [one, two, one, two].map((instance) => instance.post('/api/login/', { email, password: PASSWORD }))
    const changed = setPassword(core, id, 'another horse 43', COMMAND)
    for (const { status, body } of await Promise.all(logins)) {
      await changed
      expect([200, 401]).toContain(status)
      if (status === 200) expect((await refresh(two, body.refresh_token ?? '')).status).toBe(401)
    }
    expect((await one.post('/api/login/', { email, password: PASSWORD })).status).toBe(401)
  }
})

test('a process killed between commit and answer: the client goes on with the token it has', async ({
  databaseUrl,
  instances: [one],
  core,
  email,
}) => {
  const token = await logIn(one, email)
  const victim = await startInstance({ DATABASE_URL: databaseUrl, LATCHKEY_SECRET: ROOT_SECRET })
  let answer: Promise<unknown> | undefined
  // Its statement waits for us, the process is stopped, then the statement goes on without it.
  await core.db.transaction(async (transaction) => {
    await transaction.many(LOCK_SESSIONS, [email])
    answer = refresh(victim, token).catch(() => 'no answer')
    await expect.poll(async () => (await core.db.one(WAITING, []))?.waiting, { interval: 5 }).toBe(true)
    victim.freeze()
  })
  await expect.poll(async () => (await newestSession(core, email))?.generation, { interval: 5 }).toBe(1)
  await victim.kill()
  expect(await answer).toBe('no answer')
  expect((await refresh(one, token)).status).toBe(200)
  expect(await newestSession(core, email)).toMatchObject({ generation: 1, converged: 1 })
})

test('a process killed amid refreshes: every client goes on with the token it has', { timeout: 60_000 }, async ({
  databaseUrl,
  instances: [one],
  email,
}) => {
  const victim = await startInstance({ DATABASE_URL: databaseUrl, LATCHKEY_SECRET: ROOT_SECRET })
  const tokens = await Promise.all(Array.from({ length: 16 }, () => logIn(one, email)))
  let refreshed = 0
  const killed = Promise.withResolvers<void>()
  // Each client refreshes without pause until its connection breaks, and keeps the last token it was given.
  const clients = tokens.map(async (first) => {
    let token = first
    for (;;) {
      const answer = await refresh(victim, token).catch(() => undefined)
      if (answer === undefined) return token
      expect(answer.status).toBe(200)
      token = answer.body.refresh_token ?? ''
      if (++refreshed === 200) killed.resolve(victim.kill())
    }
  })
  await killed.promise
  for (const token of await Promise.all(clients)) expect((await refresh(one, token)).status).toBe(200)
})

test('both instances sign with one key, and each accepts the tokens of the other', async ({
  instances: [one, two],
  email,
}) => {
  const { body } = await one.post('/api/login/', { email, password: PASSWORD })
  const me = await fetch(`${two.url}/api/me/`, { headers: { authorization: `Bearer ${body.access_token}` } })
  expect(await me.json()).toMatchObject({ email })
  const keys = await Promise.all(
    [one, two].map(async ({ url }) => (await fetch(`${url}/.well-known/jwks.json`)).text()),
  )
  expect(keys[0]).toBe(keys[1])
})
