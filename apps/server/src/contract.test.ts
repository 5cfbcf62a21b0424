import { availableParallelism } from 'node:os'
import { appRouter, operationsOf } from '@latchkey/api'
import {
  checkAccessToken,
  COMMAND,
  type Core,
  createSetupLink,
  ERRORS,
  listSigningKeys,
  login,
  saveSettings,
} from '@latchkey/core'
import { type TestAccount, type TestClock } from '@latchkey/core/testing'
import { type DocumentedAnswer, documentedAnswers } from './testing/document.ts'
import { type Answer, expect, type Send, type Sent, sendTo, test as base } from './testing/served.ts'

/** An account or an admin, and a live session of it. */
interface Somebody extends TestAccount {
  sessionId: string
  refreshToken: string
  authorization: string
}

/** Somebody, an admin, and the ways to bring about what is documented. */
interface World {
  core: Core
  clock: TestClock
  account: Somebody
  admin: Somebody
  sql: (text: string) => Promise<{ id: number }[]>
  /** Saves a revision of the settings; gives its number. */
  saveRevision: () => Promise<number>
  send: Send
  /** Sends to an instance that is about to stop. */
  sendDraining: Send
  /** One more instance, with other settings, and how to send to it. */
  instanceWith: (
    settings: object,
    options?: { rateLimits?: boolean; processes?: number },
  ) => Promise<{ core: Core; send: Send }>
}

/** A request for an operation: what stands in its path too. */
interface Request extends Sent {
  body?: object | string
  path?: Record<string, string | number>
  query?: string
}

const test = base
  .extend(
    'sql',
    ({ core }) =>
      (text: string): Promise<{ id: number }[]> =>
        core.db.orm.em.getConnection().execute(text),
  )
  .extend('world', async ({ core, clock, makeAccount, sql, send, serve, createInstance }): Promise<World> => {
    const logIn = async (account: TestAccount): Promise<Somebody> => {
      const { accessToken, refreshToken } = await login(core, account)
      const { sessionId } = checkAccessToken(core, accessToken)
      return { ...account, sessionId, refreshToken, authorization: `Bearer ${accessToken}` }
    }
    const admin = await makeAccount()
    await sql(`update account set role = 'admin' where id = ${admin.id}`)
    return {
      core,
      clock,
      account: await logIn(await makeAccount()),
      admin: await logIn(admin),
      sql,
      saveRevision: async () => {
        const { revision } = await saveSettings(core, { ...aChange(), base: core.settings.revision() }, COMMAND)
        return revision
      },
      send,
      sendDraining: async (...sent) => await sendTo(await serve({ state: { draining: true } }))(...sent),
      instanceWith: async (settings, options) => {
        const other = await createInstance({ settings, ...options })
        return { core: other, send: sendTo(await serve({ core: other })) }
      },
    }
  })

/** A change of the settings that was never made before, and that nobody notices. */
const aChange = () => ({ changes: { SESSION_RETENTION: 86_400 + Math.floor(Math.random() * 1_000_000) } })

const WRONG = 'not the password 42'

const someEmail = () => `${crypto.randomUUID()}@example.com`

const as = ({ authorization }: Somebody): Request => ({ headers: { authorization } })

/** A request of each operation that succeeds. */
const VALID: Record<string, (world: World) => Request | Promise<Request>> = {
  'auth-register': () => ({ body: { email: someEmail(), password: 'password' } }),
  'auth-login': ({ account: { email, password } }) => ({ body: { email, password } }),
  'auth-refresh': ({ account: { refreshToken } }) => ({ body: { refresh_token: refreshToken } }),
  'auth-logout': ({ account: { refreshToken } }) => ({ body: { refresh_token: refreshToken } }),
  'me-get': ({ account }) => as(account),
  'me-update': ({ account }) => ({ ...as(account), body: { username: 'John Smith' } }),
  'me-changePassword': ({ account }) => ({
    ...as(account),
    body: { old_password: account.password, new_password: 'another password 43' },
  }),
  'me-delete': ({ account }) => ({ ...as(account), body: { password: account.password } }),
  'me-sessions-list': ({ account }) => as(account),
  'me-sessions-end': ({ account }) => ({ ...as(account), path: { id: account.sessionId } }),
  'me-sessions-endOthers': ({ account }) => as(account),
  async 'setup-createAdmin'({ core, sql }) {
    await sql(`update account set role = 'user'`)
    const token = await createSetupLink(core)
    return { body: { token, email: someEmail(), password: 'password' } }
  },
  'admin-users-list': ({ admin }) => as(admin),
  'admin-users-show': ({ admin, account: { id } }) => ({ ...as(admin), path: { id } }),
  'admin-users-create': ({ admin }) => ({
    ...as(admin),
    body: { email: someEmail(), password: 'password', role: 'user', username: 'Jane' },
  }),
  'admin-users-update': ({ admin, account: { id } }) => ({ ...as(admin), path: { id }, body: { username: 'Jane' } }),
  'admin-users-delete': ({ admin, account: { id } }) => ({ ...as(admin), path: { id } }),
  'admin-users-disable': ({ admin, account: { id } }) => ({ ...as(admin), path: { id } }),
  'admin-users-enable': ({ admin, account: { id } }) => ({ ...as(admin), path: { id } }),
  'admin-users-setPassword': ({ admin, account: { id } }) => ({
    ...as(admin),
    path: { id },
    body: { password: 'another password 43' },
  }),
  'admin-users-signOut': ({ admin, account: { id } }) => ({ ...as(admin), path: { id } }),
  'admin-sessions-list': ({ admin }) => as(admin),
  'admin-sessions-end': ({ admin, account: { sessionId } }) => ({ ...as(admin), path: { id: sessionId } }),
  'admin-settings-list': ({ admin }) => as(admin),
  'admin-settings-preview': ({ admin, core }) => ({
    ...as(admin),
    body: { ...aChange(), revision: core.settings.revision() },
  }),
  'admin-settings-save': ({ admin, core }) => ({
    ...as(admin),
    body: { ...aChange(), revision: core.settings.revision(), reason: 'a test' },
  }),
  'admin-settings-history': ({ admin }) => as(admin),
  'admin-settings-rollback': async ({ admin, saveRevision }) => ({
    ...as(admin),
    body: { to: await saveRevision(), revision: await saveRevision() },
  }),
  'admin-keys-list': ({ admin }) => as(admin),
  'admin-keys-rotate': ({ admin }) => ({ ...as(admin), body: { rehearse: true, reason: 'a test' } }),
  async 'admin-keys-compromise'({ admin, core }) {
    const next = (await listSigningKeys(core)).find(({ phase }) => phase === 'next')
    return { ...as(admin), path: { id: next?.id ?? '' }, body: { reason: 'a test' } }
  },
  'admin-audit-list': ({ admin }) => as(admin),
  async 'admin-audit-show'({ admin, sql }) {
    const [event] = await sql('select id from audit_event order by id desc limit 1')
    return { ...as(admin), path: { id: Number(event?.id) } }
  },
  'admin-statistics-show': ({ admin }) => as(admin),
  'admin-instances-list': ({ admin }) => as(admin),
}

type SendRequest = (request: Request, by?: Send) => Promise<Answer>

/** How to bring about each answer, from a request that would succeed. */
const DRIVES: Record<string, (world: World, send: SendRequest, request: Request) => Promise<Answer>> = {
  success: (_, send, request) => send(request),
  invalid_json: (_, send, request) =>
    send({ ...request, headers: { ...request.headers, 'content-type': 'application/json' }, body: '{' }),
  invalid_input: (_, send, request) =>
    send({
      ...request,
      path: { id: 'x' },
      query: '?limit=x&hours=x',
      ...(request.body !== undefined && { body: wronglyTyped(request.body) }),
    }),
  body_too_large: (_, send, request) => send(withFields(request, { x: 'x'.repeat(65_536) })),
  unsupported_media_type: (_, send, request) =>
    send({ ...request, headers: { ...request.headers, 'content-type': 'text/plain' } }),
  missing_token: (_, send, request) => send({ ...request, headers: {} }),
  invalid_token: (_, send, request) =>
    send({ ...request, headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' } }),
  async token_expired({ clock }, send, request) {
    clock.advance(31)
    return await send(request)
  },
  admin_required: ({ account }, send, request) => send({ ...request, ...as(account) }),
  async password_change_required({ sql, admin }, send, request) {
    await sql(`update account set password_change_required = true where id = ${admin.id}`)
    return await send(request)
  },
  not_found: (_, send, { path, ...request }) => {
    const id = typeof path?.id === 'string' ? crypto.randomUUID() : 2_000_000_000
    return send({ ...withFields(request, { to: 2_000_000_000, changes: undefined }), path: { id } })
  },
  async last_admin({ sql, admin }, send, request) {
    await sql(`update account set role = 'user' where id <> ${admin.id}`)
    const fields = { role: 'user', password: admin.password }
    return await send({ ...withFields(request, fields), ...as(admin), path: { id: admin.id } })
  },
  async revision_conflict({ saveRevision }, send, request) {
    await saveRevision()
    return await send(request)
  },
  async registration_closed({ instanceWith }, send, request) {
    const { send: by } = await instanceWith({ REGISTRATION_OPEN: false })
    return await send(request, by)
  },
  email_taken: ({ admin }, send, request) => send(withFields(request, { email: admin.email.toUpperCase() })),
  invalid_credentials: (_, send, request) =>
    send(withFields(request, { password: 'another one', old_password: 'another one' })),
  async account_disabled({ sql, account }, send, request) {
    await sql(`update account set active = false where id = ${account.id}`)
    return await send(request)
  },
  invalid_refresh_token: (_, send, request) => send(withFields(request, { refresh_token: crypto.randomUUID() })),
  invalid_setup_link: (_, send, request) => send(withFields(request, { token: 'x'.repeat(43) })),
  async too_many_requests({ instanceWith }, send, request) {
    const limits = { LOGIN_FAILURES_PER_MINUTE: 1, REGISTRATIONS_PER_HOUR: 1, REFRESHES_PER_MINUTE: 1 }
    const { send: by } = await instanceWith(limits, { rateLimits: true })
    const wrong = withFields(request, { ...(hasPassword(request.body) && { password: WRONG, old_password: WRONG }) })
    await send(wrong, by)
    return await send(wrong, by)
  },
  async busy({ instanceWith }, send, request) {
    if (!hasPassword(request.body)) return await send(request)
    // As one of as many processes as there are cores, it hashes on one. At this cost nobody may wait for that.
    const costly = { PASSWORD_HASH_MEMORY: 409_600, PASSWORD_HASH_ITERATIONS: 10 }
    const { core, send: by } = await instanceWith(costly, { processes: availableParallelism() })
    const hash = core.passwords.hash('password')
    const [answer] = await Promise.all([send(request, by), hash])
    return answer
  },
  async unavailable({ sql }, send, request) {
    // What a schema that is not migrated yet looks like.
    await sql('alter table account rename to away')
    await sql('alter table session rename to away_too')
    try {
      return await send(request)
    } finally {
      await sql('alter table away rename to account')
      await sql('alter table away_too rename to session')
    }
  },
  async internal_error({ sql }, send, request) {
    // Whoever reads or writes an account or a session meets what nobody has thought of.
    await sql(`create function broken() returns boolean language plpgsql as 'begin raise exception ''broken''; end'`)
    for (const table of ['account', 'session']) {
      await sql(`alter table ${table} rename to ${table}_behind`)
      await sql(`create view ${table} as select * from ${table}_behind where broken() with check option`)
    }
    try {
      return await send(request)
    } finally {
      await sql('drop function broken cascade')
      for (const table of ['account', 'session']) await sql(`alter table ${table}_behind rename to ${table}`)
    }
  },
  'page 401': (_, send, request) => send({ ...request, headers: { accept: 'text/html' } }),
  'page 503': async ({ sendDraining }, send, request) =>
    send({ ...request, headers: { accept: 'text/html' } }, sendDraining),
}

/** No field may be a list. */
function wronglyTyped(body: object | string): object {
  return Object.fromEntries(Object.keys(body).map((key) => [key, []]))
}

/** With other fields in the body; without a body it stays without. */
function withFields(request: Request, fields: object): Request {
  return typeof request.body === 'object' ? { ...request, body: { ...request.body, ...fields } } : request
}

function hasPassword(body: object | string = {}): boolean {
  return typeof body === 'object' && ('password' in body || 'old_password' in body)
}

/** Drives an operation to one kind of answer. Type, headers and body are held against the document by `send`. */
async function driveTo(drive: string, { operationId, method, path }: DocumentedAnswer, world: World): Promise<Answer> {
  const valid = VALID[operationId]
  const bringAbout = DRIVES[drive]
  if (valid === undefined || bringAbout === undefined) throw new Error(`nobody knows how to bring about ${drive}`)
  const send: SendRequest = ({ path: given = {}, query = '', ...sent }, by = world.send) =>
    by(method, path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(given[name])) + query, sent)
  return await bringAbout(world, send, await valid(world))
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

/** What these drives put into a body; where it does not belong it is ignored, and the request is just a valid one. */
const FIELD_OF: Record<string, string> = {
  email_taken: 'email',
  invalid_credentials: 'password',
  invalid_refresh_token: 'refresh_token',
  invalid_setup_link: 'token',
}

const requestKeys = new Map(
  operationsOf(appRouter).map(({ name, examples }) => [
    name.replaceAll('.', '-'),
    new Set(Object.keys(examples.request ?? {})),
  ]),
)

/** What brings about an answer of one operation must not bring about one of another that is not documented there. */
const others = documented
  .filter(({ kind }) => kind === 'success')
  .flatMap((success) => {
    const known = new Set(documented.filter(({ operationId }) => operationId === success.operationId).map(driveOf))
    const takes = (field = '') => field === '' || requestKeys.get(success.operationId)?.has(field)
    return Object.keys(DRIVES)
      .filter((drive) => !known.has(drive) && takes(FIELD_OF[drive]))
      .map((drive) => ({ drive, operationId: success.operationId, success }))
  })

test.for(others)('$operationId does not answer $drive', async ({ drive, success }, { world }) => {
  const { status, headers, json } = await driveTo(drive, success, world)
  const kind = headers['content-type'] === 'application/problem+json' ? json().code : 'success'
  const known = documented.filter(({ operationId }) => operationId === success.operationId)
  expect(known).toContainEqual({ ...success, status, kind })
})

test.for([
  ['me-changePassword', 'old_password'],
  ['me-delete', 'password'],
] as const)(
  '%s tells of a wrong password by its field: clients that get a 401 would try again',
  async ([operation, field], { world }) => {
    const success = documented.find(({ operationId, kind }) => operationId === operation && kind === 'success')
    if (success === undefined) throw new Error(`there is no ${operation}`)
    const answer = await driveTo('invalid_credentials', success, world)
    expect(answer.status).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'invalid_input', errors: [{ path: [field], code: 'password_wrong' }] })
  },
)

test('every error is driven but those that belong to no operation', () => {
  const nowhere = ['method_not_allowed']
  expect(Object.keys(ERRORS).filter((code) => DRIVES[code] === undefined)).toEqual(nowhere)
})

test('the document has every operation, under the path of the contract', () => {
  const paths = new Set(documented.map(({ method, path }) => `${method} ${path}`))
  expect([...paths].toSorted()).toEqual(
    operationsOf(appRouter)
      .map(({ method, path }) => `${method} ${path}/`)
      .toSorted(),
  )
})
