import { appRouter, operationsOf } from '@latchkey/api'
import { type Core, ERRORS, login } from '@latchkey/core'
import { type TestAccount, type TestClock } from '@latchkey/core/testing'
import { type DocumentedAnswer, documentedAnswers } from './testing/document.ts'
import { type Answer, expect, type Send, type Sent, sendTo, test as base } from './testing/served.ts'

/** Some account, a live session of it, and the ways to bring about what is documented. */
interface World {
  core: Core
  clock: TestClock
  account: TestAccount
  refreshToken: string
  authorization: string
  sql: (text: string) => Promise<unknown>
  send: Send
  /** Sends to an instance that is about to stop. */
  sendDraining: Send
  /** Sends to one more instance, with other settings. */
  sendWith: (settings: object) => Promise<Send>
}

const test = base
  .extend(
    'sql',
    ({ core }) =>
      (text: string): Promise<unknown> =>
        core.db.orm.em.getConnection().execute(text),
  )
  .extend('world', async ({ core, clock, makeAccount, sql, send, serve, createInstance }): Promise<World> => {
    const account = await makeAccount()
    const { accessToken, refreshToken } = await login(core, account)
    return {
      core,
      clock,
      account,
      refreshToken,
      authorization: `Bearer ${accessToken}`,
      sql,
      send,
      sendDraining: sendTo(await serve({ state: { draining: true } })),
      sendWith: async (settings) => sendTo(await serve({ core: await createInstance({ settings }) })),
    }
  })

/** A request of each operation that succeeds. */
const VALID: Record<string, (world: World) => Sent> = {
  'auth-register': () => ({ body: { email: `${crypto.randomUUID()}@example.com`, password: 'password' } }),
  'auth-login': ({ account: { email, password } }) => ({ body: { email, password } }),
  'auth-refresh': ({ refreshToken }) => ({ body: { refresh_token: refreshToken } }),
  'auth-logout': ({ refreshToken }) => ({ body: { refresh_token: refreshToken } }),
  'me-get': ({ authorization }) => ({ headers: { authorization } }),
  'me-update': ({ authorization }) => ({ headers: { authorization }, body: { username: 'John Smith' } }),
}

/** How to bring about each answer, from a request that would succeed. */
const DRIVES: Record<
  string,
  (world: World, send: (sent: Sent, by?: Send) => Promise<Answer>, sent: Sent) => Promise<Answer>
> = {
  success: (_, send, sent) => send(sent),
  invalid_json: (_, send, sent) =>
    send({ headers: { ...sent.headers, 'content-type': 'application/json' }, body: '{' }),
  invalid_input: (_, send, sent) => send({ ...sent, body: { email: 1, username: 1 } }),
  body_too_large: (_, send, sent) => send({ ...sent, body: { ...(sent.body as object), x: 'x'.repeat(65_536) } }),
  unsupported_media_type: (_, send, sent) =>
    send({ ...sent, headers: { ...sent.headers, 'content-type': 'text/plain' } }),
  missing_token: (_, send, { body }) => send(body === undefined ? {} : { body }),
  invalid_token: (_, send, sent) => send({ ...sent, headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' } }),
  async token_expired({ clock }, send, sent) {
    clock.advance(31)
    return await send(sent)
  },
  async registration_closed({ core }, send, sent) {
    core.settings.feed({ REGISTRATION_OPEN: false })
    return await send(sent)
  },
  async email_taken({ send, account }, sendTaken, sent) {
    const email = `${crypto.randomUUID()}@example.com`
    await send('POST', '/api/register/', { body: { email, password: account.password } })
    return await sendTaken({ ...sent, body: { ...(sent.body as object), email: email.toUpperCase() } })
  },
  invalid_credentials: (_, send, sent) =>
    send({ ...sent, body: { ...(sent.body as object), password: 'another one' } }),
  async account_disabled({ sql, account }, send, sent) {
    await sql(`update account set active = false where id = ${account.id}`)
    return await send(sent)
  },
  invalid_refresh_token: (_, send) => send({ body: { refresh_token: crypto.randomUUID() } }),
  async busy({ sendWith }, send, sent) {
    // One hash takes a second; the third in the queue would wait too long.
    const by = await sendWith({ PASSWORD_HASH_MEMORY: 262_144, PASSWORD_HASH_ITERATIONS: 10 })
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(sent, by)))
    // On a machine that has much to do, one that was admitted may come too late, which is another 503.
    return answers.find((answer) => answer.json().code === 'busy') ?? answers[0]!
  },
  async unavailable({ sql }, send, sent) {
    // What a schema that is not migrated yet looks like.
    await sql('alter table account rename to away')
    await sql('alter table session rename to away_too')
    try {
      return await send(sent)
    } finally {
      await sql('alter table away rename to account')
      await sql('alter table away_too rename to session')
    }
  },
  async internal_error({ sql, account }, send, sent) {
    await sql(`create function break() returns trigger language plpgsql as 'begin raise exception ''broken''; end'`)
    for (const table of ['account', 'session']) {
      await sql(`create trigger break before insert or update on ${table} for each row execute function break()`)
    }
    // For who only reads: a row that does not fit what the answer promises.
    await sql('alter table account disable trigger break')
    await sql(`alter table account alter email drop not null`)
    if (sent.body === undefined) await sql(`update account set email = null where id = ${account.id}`)
    await sql('alter table account enable trigger break')
    try {
      return await send(sent)
    } finally {
      await sql('drop function break cascade')
    }
  },
  'page 401': (_, send) => send({ headers: { accept: 'text/html' } }),
  'page 503': async ({ sendDraining }, send) => send({ headers: { accept: 'text/html' } }, sendDraining),
}

/** Drives an operation to one kind of answer. Type, headers and body are held against the document by `send`. */
async function driveTo(drive: string, { operationId, method, path }: DocumentedAnswer, world: World): Promise<Answer> {
  const sent = VALID[operationId]?.(world)
  const bringAbout = DRIVES[drive]
  if (sent === undefined || bringAbout === undefined) throw new Error(`nobody knows how to bring about ${drive}`)
  return await bringAbout(world, (what, by = world.send) => by(method, path, what), sent)
}

const documented = documentedAnswers()
const driveOf = ({ kind, status }: DocumentedAnswer) => (kind === 'page' ? `page ${status}` : kind)

test.for(documented)('$operationId can answer $status $kind', async (expected, { world }) => {
  const answer = await driveTo(driveOf(expected), expected, world)
  expect(answer.status, answer.text).toBe(expected.status)
  expect(answer.headers['cache-control']).toBe('no-store')
  if (expected.kind === 'page') expect(answer.headers['content-type']).toContain('text/html')
  else if (expected.kind !== 'success') expect(answer.json().code).toBe(expected.kind)
})

/** What brings about an answer of one operation must not bring about one of another that is not documented there. */
const others = documented
  .filter(({ kind }) => kind === 'success')
  .flatMap((success) => {
    const known = new Set(documented.filter(({ operationId }) => operationId === success.operationId).map(driveOf))
    return Object.keys(DRIVES)
      .filter((drive) => !known.has(drive))
      .map((drive) => ({ drive, operationId: success.operationId, success }))
  })

test.for(others)('$operationId does not answer $drive', async ({ drive, success }, { world }) => {
  const { status, headers, json } = await driveTo(drive, success, world)
  const kind = headers['content-type'] === 'application/problem+json' ? json().code : 'success'
  const known = documented.filter(({ operationId }) => operationId === success.operationId)
  expect(known).toContainEqual({ ...success, status, kind })
})

test('every error is driven but those that belong to no operation', () => {
  const nowhere = ['not_found', 'method_not_allowed', 'too_many_requests']
  expect(Object.keys(ERRORS).filter((code) => DRIVES[code] === undefined)).toEqual(nowhere)
})

test('the document has every operation, under the path of the contract', () => {
  const paths = new Set(documented.map(({ method, path }) => `${method} ${path}`))
  expect([...paths]).toEqual(operationsOf(appRouter).map(({ method, path }) => `${method} ${path}/`))
})
