import { expect, type Send, sendRaw, test } from '../testing/served.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** Each bad request must leave the server able to answer the next. */
async function expectHealthy(send: Send) {
  expect((await send('POST', '/api/login/', { body: { email: 'nobody@example.com', password: 'x' } })).status).toBe(401)
}

function deep(levels: number, open = '[', close = ']'): string {
  return open.repeat(levels) + close.repeat(levels)
}

test.for([
  ['nothing', ''],
  ['half an object', '{"email":'],
  ['no JSON', 'email=user@example.com'],
  ['single quotes', "{'email': 'a@example.com'}"],
  ['a trailing comma', '{"email": "a@example.com",}'],
  ['two objects', '{}{}'],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['UTF-16', Buffer.from('{"email": "a@example.com"}', 'utf16le')],
  ['arrays in each other that never end', '['.repeat(60_000)],
] as const)('refuses malformed JSON: %s', async ([, body], { send }) => {
  const answer = await send('POST', '/api/register/', { headers: JSON_TYPE, body })
  expect(answer.status).toBe(400)
  expect(answer.json().code).toBe('invalid_json')
  await expectHealthy(send)
})

test.for(['[]', '[{"email":"a@example.com","password":"password"}]', '"text"', '1', 'true', 'null'])(
  'refuses a body that is no object: %s',
  async (body, { send }) => {
    const answer = await send('POST', '/api/register/', { headers: JSON_TYPE, body })
    expect(answer.status).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'invalid_input', errors: [{ path: [], code: 'body_not_an_object' }] })
  },
)

test.for([
  ['objects', `{"x":${deep(10_000, '{"a":', '}').replace('}', '1}')}}`],
  ['arrays', `{"x":${deep(30_000)}}`],
  ['arrays where text belongs', `{"email":${deep(30_000)},"password":"password"}`],
  ['33 levels', `{"x":${deep(32)}}`],
] as const)('refuses JSON that is too deep: %s', async ([, body], { send }) => {
  for (const path of ['/api/login/', '/api/refresh/', '/trpc/auth.login']) {
    const answer = await send('POST', path, { headers: JSON_TYPE, body })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('body_too_deep')
  }
  await expectHealthy(send)
})

test('ignores fields it does not know, be they 31 levels deep', async ({ send, login }) => {
  const { refreshToken } = await login()
  const body = `{"refresh_token":"${refreshToken}","device":"phone","x":${deep(31)},"toJSON":1,"constructor":{}}`
  expect((await send('POST', '/api/refresh/', { headers: JSON_TYPE, body })).status).toBe(200)
})

test('of a key that stands there twice takes the last', async ({ send, login }) => {
  const { refreshToken } = await login()
  const body = `{"refresh_token":1,"refresh_token":"${refreshToken}"}`
  expect((await send('POST', '/api/refresh/', { headers: JSON_TYPE, body })).status).toBe(200)
})

test('__proto__ is a field like any other that nobody knows', async ({ send, makeAccount }) => {
  const { email, password } = await makeAccount()
  const polluted = await send('POST', '/api/login/', {
    headers: JSON_TYPE,
    body: `{"__proto__":{"email":"${email}","password":"${password}"}}`,
  })
  expect(polluted.json().errors?.map(({ code }) => code)).toEqual(['email_missing', 'password_missing'])
  const ignored = await send('POST', '/api/login/', {
    headers: JSON_TYPE,
    body: `{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"email":"${email}","password":"${password}"}`,
  })
  expect(ignored.status).toBe(200)
  expect(Reflect.get({}, 'admin')).toBeUndefined()
})

test('a byte order mark does no harm', async ({ send, login }) => {
  const { refreshToken } = await login()
  const body = `\uFEFF{"refresh_token":"${refreshToken}"}`
  expect((await send('POST', '/api/refresh/', { headers: JSON_TYPE, body })).status).toBe(200)
})

test.for([
  'application/json',
  'application/json; charset=utf-8',
  'Application/JSON;charset="UTF-8"',
  'application/json;',
])('takes %s', async (type, { send, login }) => {
  const { refreshToken } = await login()
  const body = JSON.stringify({ refresh_token: refreshToken })
  expect((await send('POST', '/api/refresh/', { headers: { 'content-type': type }, body })).status).toBe(200)
})

test.for([
  { 'content-type': '' },
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/x-www-form-urlencoded' },
  { 'content-type': 'application/jsonp' },
  { 'content-type': 'application/problem+json' },
  { 'content-type': 'application/json; charset=iso-8859-1' },
  { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  { 'content-type': 'application/json', 'content-encoding': 'br' },
])('refuses the media type %o', async (headers, { send }) => {
  for (const path of ['/api/login/', '/api/refresh/', '/trpc/auth.login']) {
    const answer = await send('POST', path, { headers, body: '{}' })
    expect(answer.status).toBe(415)
    expect(answer.text).toContain('unsupported_media_type')
  }
  await expectHealthy(send)
})

test('takes 64 KiB and not a byte more, announced or in pieces', async ({ send, login }) => {
  const { refreshToken } = await login()
  const start = `{"refresh_token":"${refreshToken}","x":"`
  const body = (bytes: number) => `${start}${'x'.repeat(bytes - start.length - 2)}"}`
  for (const chunked of [false, true]) {
    const sent = (bytes: number) => ({ headers: JSON_TYPE, body: body(bytes), chunked })
    expect((await send('POST', '/api/refresh/', sent(65_536))).status).toBe(200)
    const refused = await send('POST', '/api/refresh/', sent(65_537))
    expect(refused.status).toBe(413)
    expect(refused.json().code).toBe('body_too_large')
    expect((await send('POST', '/trpc/auth.refresh', sent(65_537))).status).toBe(413)
    await expectHealthy(send)
  }
})

test('refuses an announced gigabyte before any of it has come', async ({ port, send }) => {
  const head =
    'POST /api/login/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n'
  expect(await sendRaw(port, head)).toMatch(/^HTTP\/1\.1 413 /)
  await expectHealthy(send)
})

test('cuts off who goes on sending what was refused', async ({ port, send }) => {
  const head =
    'POST /api/login/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
  const chunk = `${(65_536).toString(16)}\r\n${' '.repeat(65_536)}\r\n`
  // No last chunk: the connection ends because the server ends it.
  expect(await sendRaw(port, head + chunk.repeat(3))).toMatch(/^HTTP\/1\.1 413 /)
  await expectHealthy(send)
})

test('a client that goes away in the middle of its body leaves no fault behind', async ({ port, send, logged }) => {
  const head =
    'POST /api/login/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"email"'
  await sendRaw(port, head)
  await expectHealthy(send)
  expect(logged.filter((line) => line.level === 'error')).toEqual([])
})

test('headers beyond all measure are refused by Node, and nothing else happens', async ({ port, send }) => {
  // What it has not read when it closes may cost us its answer.
  const many = Array.from({ length: 3000 }, (_, i) => `X-${i}: ${i}`).join('\r\n')
  expect(await sendRaw(port, `GET /api/me/ HTTP/1.1\r\nHost: a\r\n${many}\r\n\r\n`)).toMatch(/^(HTTP\/1\.1 431 |$)/)
  const long = `GET /api/me/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${'a'.repeat(20_000)}\r\n\r\n`
  expect(await sendRaw(port, long)).toMatch(/^(HTTP\/1\.1 431 |$)/)
  await expectHealthy(send)
})

test('length and pieces together, or a length that is none, are refused', async ({ port, send }) => {
  const head = 'POST /api/login/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
  const both = `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`
  for (const bytes of [both, `${head}Content-Length: x\r\n\r\n`, `${head}Content-Length: -1\r\n\r\n`]) {
    expect(await sendRaw(port, bytes)).toMatch(/^HTTP\/1\.1 400 /)
  }
  await expectHealthy(send)
})
