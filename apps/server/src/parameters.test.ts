import { COMMAND, createAccount, editAccount, login } from '@latchkey/core'
import type { FieldError } from '@latchkey/core'
import { type Answer, expect, type Send, test as base } from './testing/served.ts'

const test = base
  /** The headers of an admin. */
  .extend('headers', async ({ core, makeAccount }) => {
    const account = await makeAccount()
    await editAccount(core, account.id, { role: 'admin' }, COMMAND)
    return { authorization: `Bearer ${(await login(core, account)).accessToken}` }
  })
  /** Asks as an admin. */
  .extend('ask', ({ send, headers }) => (method: string, path: string, more: Parameters<Send>[2] = {}) => {
    return send(method, path, { ...more, headers: { ...headers, ...more.headers } })
  })

/** The status, and which faults were found. */
function verdict({ status, text }: Answer): string {
  const { errors, error } = JSON.parse(text) as {
    errors?: FieldError[]
    error?: { data: { fields?: FieldError[] } }
  }
  const faults = errors ?? error?.data.fields ?? []
  return [status, ...faults.map(({ path, code }) => `${path.join('.')} ${code}`)].join(' ')
}

/** Queries of the list of users as text, what they are as the input of a procedure, and what comes of them. */
const QUERIES: [query: string, input: object, verdict: string][] = [
  ['', {}, '200'],
  ['limit=5', { limit: '5' }, '200'],
  ['limit=5', { limit: 5 }, '200'],
  ['limit=', { limit: '' }, '200'],
  ['limit=&limit=5', { limit: ['', '5'] }, '400 limit limit_wrong_type'],
  ['limit=5&limit=5', { limit: ['5', '5'] }, '400 limit limit_wrong_type'],
  ['limit=0', { limit: 0 }, '400 limit limit_out_of_range'],
  ['limit=201', { limit: 201 }, '400 limit limit_out_of_range'],
  ['limit=999999999999999', { limit: 999_999_999_999_999 }, '400 limit limit_out_of_range'],
  ['limit=99999999999999999999', { limit: '99999999999999999999' }, '400 limit limit_wrong_type'],
  ...['-1', '5.5', '05', '0x5', '1e1', ' 5', 'NaN', 'five', 'true', '[5]'].map((limit): [string, object, string] => [
    `limit=${encodeURIComponent(limit)}`,
    { limit },
    '400 limit limit_wrong_type',
  ]),
  ['role=admin&state=active&sort=email', { role: 'admin', state: 'active', sort: 'email' }, '200'],
  ['role=&state=&sort=', { role: '', state: '', sort: '' }, '200'],
  ['role=root', { role: 'root' }, '400 role role_invalid'],
  ['role=ADMIN', { role: 'ADMIN' }, '400 role role_invalid'],
  ['state=active&state=active', { state: ['active', 'active'] }, '400 state state_invalid'],
  ['search=%00', { search: '\0' }, '400 search search_malformed'],
  [`search=${'x'.repeat(255)}`, { search: 'x'.repeat(255) }, '400 search search_too_long'],
  ['search=%27%25_%5C', { search: "'%_\\" }, '200'],
  ['cursor=nonsense', { cursor: 'nonsense' }, '400 cursor cursor_invalid'],
  ['created_from=2026-11-24&created_to=2026-11-25T10:00:00%2B02:00', { created_from: '2026-11-24' }, '200'],
  ['created_from=2026-02-30', { created_from: '2026-02-30' }, '400 created_from created_from_invalid'],
  ['created_from=yesterday', { created_from: 'yesterday' }, '400 created_from created_from_invalid'],
  ['created_from=0', { created_from: '0' }, '400 created_from created_from_invalid'],
  [
    'created_from=2026-11-24T10:00:00',
    { created_from: '2026-11-24T10:00:00' },
    '400 created_from created_from_invalid',
  ],
  ['limit=x&role=x', { limit: 'x', role: 'x' }, '400 role role_invalid limit limit_wrong_type'],
  ['unknown=1&constructor=1&toString=1&hasOwnProperty=1', { unknown: 1, constructor: 1 }, '200'],
  ['__proto__=1&__proto__=2&limit=5', { limit: 5 }, '200'],
  ['%zz&=&&limit=5&%', { limit: 5 }, '200'],
]

test.for(QUERIES)('?%s', async ([query, input, expected], { ask }) => {
  expect(verdict(await ask('GET', `/api/admin/users?${query}`))).toBe(expected)
  expect(verdict(await ask('GET', `/api/admin/users/?${query}`))).toBe(expected)
  const asked = encodeURIComponent(JSON.stringify(input))
  expect(verdict(await ask('GET', `/trpc/admin.users.list?input=${asked}`))).toBe(expected)
})

const wrong = (code: string) => `400 id id_${code}`

test.for([
  ['x', wrong('wrong_type')],
  ['0', wrong('out_of_range')],
  ['-1', wrong('wrong_type')],
  ['1.0', wrong('wrong_type')],
  ['2147483648', wrong('out_of_range')],
  ['2147483647', '404'],
  ['%00', wrong('wrong_type')],
  ['%zz', wrong('wrong_type')],
  ['1%2F2', wrong('wrong_type')],
  ['__proto__', wrong('wrong_type')],
  ['{id}', wrong('wrong_type')],
] as const)(
  'an id that cannot be one is a bad request, one that nothing has is not found: %s',
  async ([id, expected], { ask }) => {
    expect(verdict(await ask('GET', `/api/admin/users/${id}`))).toBe(expected)
    expect(verdict(await ask('DELETE', `/api/admin/users/${id}/`))).toBe(expected)
    expect(verdict(await ask('PATCH', `/api/admin/users/${id}/`, { body: { username: 'x' } }))).toBe(expected)
    expect(verdict(await ask('POST', `/api/admin/users/${id}/disable`))).toBe(expected)
  },
)

test('an id over tRPC is a number, or text as in a path', async ({ ask, core }) => {
  const { id } = await createAccount(
    core,
    { email: `${crypto.randomUUID()}@example.com`, password: 'password' },
    COMMAND,
  )
  const show = (input: unknown) =>
    ask('GET', `/trpc/admin.users.show?input=${encodeURIComponent(JSON.stringify(input))}`)
  expect(verdict(await show({ id }))).toBe('200')
  expect(verdict(await show({ id: String(id) }))).toBe('200')
  expect(verdict(await ask('GET', `/api/admin/users/${id}/`))).toBe('200')
  expect(verdict(await ask('GET', `/api/admin/users/%3${String(id).slice(0, 1)}${String(id).slice(1)}/`))).toBe('200')
  for (const bad of [true, null, [id], { id }, 1.5, ''])
    expect(verdict(await show({ id: bad }))).toBe(wrong('wrong_type'))
  expect(verdict(await show({}))).toBe('400 id id_missing')
})

test('the id in the path counts, whatever the body says', async ({ ask, core }) => {
  const email = `${crypto.randomUUID()}@example.com`
  const { id } = await createAccount(core, { email, password: 'password' }, COMMAND)
  const changed = await ask('PATCH', `/api/admin/users/${id}`, { body: { id: 1, username: 'Jane' } })
  expect(changed.json()).toMatchObject({ id, email, username: 'Jane' })
})

test('the id of a session is a UUID in any letter case', async ({ ask }) => {
  const known = (await ask('GET', '/api/me/sessions/')).json().items as { id: string }[]
  for (const id of ['1', 'end-other', `${known[0]?.id}x`]) {
    expect(verdict(await ask('DELETE', `/api/me/sessions/${id}`))).toBe('400 id id_invalid')
    expect(verdict(await ask('DELETE', `/api/admin/sessions/${id}/`))).toBe('400 id id_invalid')
  }
  expect(verdict(await ask('DELETE', `/api/me/sessions/${crypto.randomUUID()}`))).toBe('404')
  expect(verdict(await ask('DELETE', `/api/me/sessions/${known[0]?.id.toUpperCase()}`))).toBe('200')
})

test.for([
  ['PUT', '/api/admin/users/1', 'GET, PATCH, DELETE, HEAD, OPTIONS'],
  ['POST', '/api/admin/users/1/', 'GET, PATCH, DELETE, HEAD, OPTIONS'],
  ['DELETE', '/api/admin/users/', 'GET, POST, HEAD, OPTIONS'],
  ['GET', '/api/admin/users/1/disable', 'POST, OPTIONS'],
  ['PUT', '/api/admin/settings/', 'GET, PATCH, HEAD, OPTIONS'],
  ['DELETE', '/api/me/end-other-sessions', 'POST, OPTIONS'],
  ['POST', '/api/me/sessions/7f3c2f0e-9d1b-4c37-8a5e-2b6f0c9d4e11/', 'DELETE, OPTIONS'],
] as const)('%s %s is not allowed, and the answer says what is', async ([method, path, allow], { ask }) => {
  const answer = await ask(method, path)
  expect(answer).toMatchObject({ status: 405, headers: { allow } })
  expect(await ask('OPTIONS', path)).toMatchObject({ status: 204, headers: { allow } })
})

test('HEAD is answered as GET, without a body', async ({ ask }) => {
  for (const path of ['/api/admin/users', '/api/admin/users/?limit=1', '/api/admin/settings/']) {
    const [get, head] = [await ask('GET', path), await ask('HEAD', path)]
    expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'application/json' } })
    expect(head.headers.etag).toBe(get.headers.etag)
  }
  expect((await ask('HEAD', '/api/admin/users/x')).status).toBe(400)
})

test('what takes no body ignores one', async ({ ask, core }) => {
  const { id } = await createAccount(
    core,
    { email: `${crypto.randomUUID()}@example.com`, password: 'password' },
    COMMAND,
  )
  const broken = { body: '{', headers: { 'content-type': 'application/json' } }
  expect((await ask('POST', `/api/admin/users/${id}/disable`, broken)).status).toBe(200)
  expect((await ask('POST', `/api/admin/users/${id}/enable`, { body: { id: 1 } })).status).toBe(200)
  expect((await ask('DELETE', `/api/admin/users/${id}?id=1`, { body: 'x'.repeat(70_000) })).status).toBe(200)
})

test('the log names the route, never the id or the query', async ({ ask, logged }) => {
  await ask('GET', '/api/admin/users/123456789?search=hidden')
  await ask('POST', '/api/me/end-other-sessions/')
  const routes = () => logged.flatMap(({ msg, route }) => (msg === 'request' ? [route] : []))
  await expect.poll(routes).toEqual(['/api/admin/users/:id', '/api/me/end-other-sessions/'])
  expect(JSON.stringify(logged)).not.toMatch(/123456789|hidden/)
})
