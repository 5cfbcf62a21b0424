import { mountDocs } from '../mounts/docs.ts'
import { mountHealth } from '../mounts/health.ts'
import { mountJwks } from '../mounts/jwks.ts'
import { mountSetup } from '../mounts/setup.ts'
import { expect, type Send, sendRaw, sendTo, test as base } from '../testing/served.ts'

/** Sends to an app with all its mounts. */
const test = base.extend('sendToAll', async ({ core, serve }): Promise<Send> => {
  const state = { draining: false }
  const mounts = {
    health: mountHealth({ core, state }),
    jwks: mountJwks({ core }),
    docs: mountDocs(),
    setup: mountSetup(),
  }
  return sendTo(await serve({ state, mounts }))
})

const PATHS = [
  ['/api/register', 'POST, OPTIONS'],
  ['/api/login', 'POST, OPTIONS'],
  ['/api/refresh', 'POST, OPTIONS'],
  ['/api/logout', 'POST, OPTIONS'],
  ['/api/me', 'GET, PUT, HEAD, OPTIONS'],
  ['/trpc/auth.login', 'GET, POST, HEAD, OPTIONS'],
] as const

test.for(PATHS)('%s says which methods it takes: %s', async ([path, allow], { send }) => {
  for (const form of [path, `${path}/`]) await expectOnly(send, form, allow)
})

test.for([
  '/',
  '/docs',
  '/docs/',
  '/livez',
  '/livez/',
  '/readyz',
  '/readyz/',
  '/openapi.json',
  '/openapi.yaml',
  '/.well-known/jwks.json',
])('%s can only be read', async (path, { sendToAll }) => {
  const allow = 'GET, HEAD, OPTIONS'
  await expectOnly(sendToAll, path, allow)
  expect(await sendToAll('POST', path, { body: {} })).toMatchObject({ status: 405, headers: { allow } })
})

/** Asserts that a path tells its methods, and takes none of those that nothing here has. */
async function expectOnly(send: Send, path: string, allow: string): Promise<void> {
  expect(await send('OPTIONS', path)).toMatchObject({ status: 204, text: '', headers: { allow } })
  for (const method of ['PATCH', 'DELETE', 'TRACE', 'QUERY', 'PROPFIND']) {
    const refused = await send(method, path, { headers: { accept: 'text/html' } })
    expect(refused).toMatchObject({ status: 405, headers: { allow } })
    expect(refused.text).toContain('method_not_allowed')
  }
}

test.for(PATHS.slice(0, 4))('%s is not for GET', async ([path, allow], { send }) => {
  const refused = await send('GET', `${path}/`)
  expect(refused).toMatchObject({ status: 405, headers: { allow, 'content-type': 'application/problem+json' } })
  expect(refused.json()).toMatchObject({ code: 'method_not_allowed', title: 'Method not allowed', status: 405 })
})

test('HEAD is GET without a body', async ({ send, login }) => {
  const authorization = `Bearer ${(await login()).accessToken}`
  for (const path of ['/api/me', '/api/me/', '/trpc/me.get', '/openapi.json']) {
    const get = await send('GET', path, { headers: { authorization } })
    const head = await send('HEAD', path, { headers: { authorization } })
    expect(head).toMatchObject({ status: 200, text: '' })
    expect(head.headers['content-type']).toBe(get.headers['content-type'])
  }
  expect(await send('HEAD', '/api/me/')).toMatchObject({ status: 401, text: '' })
  expect(await send('HEAD', '/api/login/')).toMatchObject({ status: 405, text: '' })
})

test.for([
  '/api',
  '/api/',
  '/api/nothing',
  '/api/me/x',
  '/api//me',
  '/api/me//',
  '/API/me/',
  '/trpcs',
  '/%',
  '/api/%00',
  '/__proto__',
  '/livez/x',
  '/docs/nothing',
  '/openapi.json/',
])('nothing is served at %s', async (path, { sendToAll: send }) => {
  const answer = await send('GET', path)
  expect(answer).toMatchObject({ status: 404, headers: { 'content-type': 'application/problem+json' } })
  expect(answer.json()).toMatchObject({ code: 'not_found', title: 'Not found' })
  expect((await send('POST', path, { body: {} })).status).toBe(404)
})

test('a query string changes nothing', async ({ send, login }) => {
  const authorization = `Bearer ${(await login()).accessToken}`
  const plain = await send('GET', '/api/me/', { headers: { authorization } })
  const queried = await send('GET', '/api/me/?id=2&__proto__=1&email=x%00', { headers: { authorization } })
  expect(queried).toMatchObject({ status: 200, text: plain.text })
})

test.for([
  'GET /api/me/ HTTP/1.1\r\n\r\n',
  'GET /api/me/ HTTP/1.1\r\nHost: a b\r\n\r\n',
  'GET /api/me/ HTTP/1.1\r\nHost: <script>\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /api\\me HTTP/1.1\r\nHost: a\r\n\r\n',
  'nonsense\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
])('what is hardly HTTP is refused, and the next request served: %j', async (bytes, { port, send }) => {
  expect(await sendRaw(port, Buffer.from(bytes, 'latin1'))).toMatch(/^(HTTP\/1\.1 4\d\d |$)/)
  expect((await send('GET', '/api/me/')).status).toBe(401)
})
