import { type Answer, expect, type Send, test } from '../testing/served.ts'

type Call = (path: string, input?: unknown, headers?: Record<string, string>) => Promise<Answer>

/** Calls as a tRPC client does: mutations by POST, `me.get` by GET. */
function callBy(send: Send): Call {
  return (path, input, headers = {}) =>
    input === undefined
      ? send('GET', `/trpc/${path}`, { headers })
      : send('POST', `/trpc/${path}`, { headers, body: input as object })
}

test('the whole round, and errors as typed data', async ({ send, makeAccount }) => {
  const call = callBy(send)
  const { email, password } = await makeAccount()
  const taken = await call('auth.register', { email, password })
  expect(taken).toMatchObject({ status: 409, headers: { 'content-type': 'application/json' } })
  expect(taken.json()).toEqual({
    error: {
      message: 'E-mail already registered',
      code: -32009,
      data: { code: 'email_taken', status: 409, requestId: taken.headers['x-request-id'] },
    },
  })

  const loggedIn = await call('auth.login', { email, password })
  expect(loggedIn).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
  const { data: tokens } = JSON.parse(loggedIn.text).result as { data: { access_token: string; refresh_token: string } }
  const authorization = { authorization: `Bearer ${tokens.access_token}` }
  expect(JSON.parse((await call('me.get', undefined, authorization)).text).result.data).toMatchObject({ email })
  expect((await call('me.update', { username: 'x' }, authorization)).status).toBe(200)
  expect((await call('auth.refresh', { refresh_token: tokens.refresh_token })).status).toBe(200)
  expect((await call('auth.logout', { refresh_token: tokens.refresh_token })).status).toBe(200)
})

test('faults in the input are named as REST names them', async ({ send }) => {
  const answer = await callBy(send)('auth.login', { email: 1 })
  expect(answer.status).toBe(400)
  expect(answer.json()).toMatchObject({
    error: {
      code: -32600,
      data: {
        code: 'invalid_input',
        status: 400,
        fields: [
          { path: ['email'], code: 'email_wrong_type' },
          { path: ['password'], code: 'password_missing' },
        ],
      },
    },
  })
})

test.for([
  ['invalid_json', 'POST', '/trpc/auth.login', { headers: { 'content-type': 'application/json' }, body: '{' }, 400],
  ['invalid_input', 'POST', '/trpc/auth.login', { headers: { 'content-type': 'application/json' }, body: '[]' }, 400],
  ['missing_token', 'GET', '/trpc/me.get', {}, 401],
  ['invalid_input', 'GET', '/trpc/%ZZ', {}, 400],
  ['invalid_input', 'GET', '/trpc/me.get,me.update?batch=1', {}, 400],
  ['missing_token', 'GET', '/trpc/me.get?connectionParams=x', {}, 401],
  ['missing_token', 'GET', '/trpc/me.get?connection%50arams=x&input=%7B%7D', {}, 401],
  ['not_found', 'GET', '/trpc/nothing', {}, 404],
  ['not_found', 'GET', '/trpc/__proto__.constructor', {}, 404],
  ['not_found', 'GET', '/trpc', {}, 404],
  ['method_not_allowed', 'GET', '/trpc/auth.login', {}, 405],
  ['method_not_allowed', 'POST', '/trpc/me.get', { body: {} }, 405],
  ['method_not_allowed', 'PUT', '/trpc/me.update', { body: {} }, 405],
  ['body_too_large', 'POST', '/trpc/auth.login', { body: { x: 'x'.repeat(65_536) } }, 413],
  [
    'unsupported_media_type',
    'POST',
    '/trpc/auth.login',
    { headers: { 'content-type': 'text/plain' }, body: '{}' },
    415,
  ],
  [
    'unsupported_media_type',
    'POST',
    '/trpc/auth.login',
    { headers: { 'content-type': 'multipart/form-data' }, body: '{}' },
    415,
  ],
] as const)('%s is typed data: %s %s', async ([code, method, path, sent, status], { send, logged }) => {
  const answer = await send(method, path, sent)
  expect(answer.status, answer.text).toBe(status)
  expect(answer.text).toContain(
    `"data":{"code":"${code}","status":${status},"requestId":"${String(answer.headers['x-request-id'])}"`,
  )
  expect('allow' in answer.headers).toBe(status === 405)
  expect(answer.text).not.toMatch(/stack|node_modules/)
  expect(logged.filter(({ level }) => level !== 'info')).toEqual([])
})

test('ten calls go in one batch, each with its own answer; eleven do not', async ({ send, login }) => {
  const { accessToken } = await login()
  const headers = { authorization: `Bearer ${accessToken}` }
  const paths = (count: number) => Array.from({ length: count }, () => 'me.get').join(',')
  const ten = await send('GET', `/trpc/${paths(10)}?batch=1`, { headers })
  expect(ten.status).toBe(200)
  expect(JSON.parse(ten.text)).toHaveLength(10)
  const eleven = await send('GET', `/trpc/${paths(11)}?batch=1`, { headers })
  expect(eleven.status).toBe(400)
  expect(eleven.text).toContain('"code":"invalid_input"')

  const body = { 0: { email: 'a@example.com', password: 'x' }, 1: { refresh_token: 'x' } }
  const mixed = await send('POST', '/trpc/auth.login,auth.refresh?batch=1', { body })
  expect(mixed.status).toBe(207)
  expect((JSON.parse(mixed.text) as { error: { data: object } }[]).map(({ error }) => error.data)).toMatchObject([
    { code: 'invalid_credentials', status: 401 },
    { code: 'invalid_input', status: 400 },
  ])
})

test('nothing makes it stream', async ({ send, login }) => {
  const headers = {
    authorization: `Bearer ${(await login()).accessToken}`,
    'trpc-accept': 'application/jsonl',
    accept: 'text/event-stream',
  }
  const answer = await send('GET', '/trpc/me.get?batch=1', { headers })
  expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } })
})
