import { COMMAND, editAccount, login } from '@latchkey/core'
import { Hono } from 'hono'
import { type Edge, rules } from '../edge/edge.ts'
import { noteOrigin } from '../edge/origin.ts'
import { refuse } from '../edge/refuse.ts'
import { nameRequest } from '../edge/request-id.ts'
import { type Answer, expect, type Send, type Sent, sendTo, test as base } from '../testing/served.ts'
import { mountRest } from './rest.ts'

/** Every operation by the library, every operation past it. */
const test = base
  .extend('admin', async ({ core, makeAccount }) => {
    const account = await makeAccount()
    await editAccount(core, account.id, { role: 'admin' }, COMMAND)
    return { authorization: `Bearer ${(await login(core, account)).accessToken}` }
  })
  .extend('ways', async ({ core, log, serveApp }): Promise<[library: Send, direct: Send]> => {
    const way = async (hot: boolean) => {
      const app = new Hono<Edge>()
      app.use(
        rules(
          nameRequest,
          noteOrigin(() => null),
        ),
      )
      app.route('/', mountRest({ core, isHot: () => hot }))
      app.onError(refuse({ log, page: () => undefined }))
      return sendTo(await serveApp(app))
    }
    return [await way(false), await way(true)]
  })

const REQUEST_ID = { 'x-request-id': 'parity' }

/** An answer without what differs from one moment to the next. */
function comparable({ status, headers: { date: _, ...headers }, text }: Answer): object {
  return { status, headers: { ...headers, 'content-length': '' }, body: text.replace(/"eyJ[^"]*"/, '"jwt"') }
}

const requests: [method: string, path: string, sent: Sent][] = [
  ['POST', '/api/refresh', { body: '{', headers: { 'content-type': 'application/json' } }],
  ['POST', '/api/refresh/', { body: '{}' }],
  ['POST', '/api/refresh/', { body: [] }],
  ['POST', '/api/refresh/', { body: {} }],
  ['POST', '/api/refresh/', { body: { refresh_token: 1 } }],
  ['POST', '/api/refresh/', { body: { refresh_token: 'x\0' } }],
  ['POST', '/api/refresh/', { body: { refresh_token: '00000000-0000-0000-0000-000000000000', more: [{}] } }],
  ['POST', '/api/refresh/?refresh_token=1', { body: { refresh_token: '00000000-0000-0000-0000-000000000000' } }],
  ['POST', '/api/refresh/', { body: { x: 'x'.repeat(65_536) } }],
  ['POST', '/api/refresh/', { body: { x: 'x'.repeat(65_536) }, chunked: true }],
  ['POST', '/api/refresh/', { body: {}, headers: { 'content-encoding': 'gzip' } }],
  ['POST', '/api/register/', { body: { email: 'nobody', password: 'password' } }],
  ['POST', '/api/login/', { body: { email: 'nobody@example.com', password: 'password' } }],
  ['POST', '/api/logout/', { body: { refresh_token: '00000000-0000-0000-0000-000000000000' } }],
  ['GET', '/api/me', {}],
  ['GET', '/api/me/', { headers: { authorization: 'Bearer x' } }],
  ['GET', '/api/me/', { headers: { authorization: 'Basic x' } }],
  ['HEAD', '/api/me/', {}],
  ['PUT', '/api/me/', { body: { username: 1 } }],
  ['PUT', '/api/me/', { body: { username: 1 }, headers: { authorization: 'Bearer x' } }],
  ['OPTIONS', '/api/me/', {}],
  ['DELETE', '/api/me/', {}],
  ['GET', '/api/admin/users/?limit=5', {}],
  ['POST', '/api/setup', { body: {} }],
]

test.for(requests)('%s %s %o: both ways give the same', async ([method, path, sent], { ways: [library, direct] }) => {
  const what = { ...sent, headers: { ...REQUEST_ID, ...sent.headers } }
  const [one, other] = [await library(method, path, what), await direct(method, path, what)]
  expect(comparable(other)).toEqual(comparable(one))
})

const adminRequests: [method: string, path: string, sent: Sent][] = [
  ['GET', '/api/admin/users?limit=&limit=5', {}],
  ['GET', '/api/admin/users/?limit=&role=&cursor=', {}],
  ['GET', '/api/admin/users/?limit=x&role=x&created_from=x', {}],
  ['GET', '/api/admin/users/?limit=1&sort=email&created_from=2026-01-01', {}],
  ['GET', '/api/admin/users/?__proto__=1&constructor=1&toString=2', {}],
  ['GET', '/api/admin/users/?id=1', {}],
  ['GET', '/api/admin/users/x?id=1', {}],
  ['GET', '/api/admin/users/%31/', {}],
  ['GET', '/api/admin/users/1%2F2', {}],
  ['GET', '/api/admin/users/%zz', {}],
  ['GET', '/api/admin/users//', {}],
  ['GET', '/api/ADMIN/users/', {}],
  ['HEAD', '/api/admin/users/2147483647', {}],
  ['PATCH', '/api/admin/users/2147483647', { body: { id: 1, username: 'x' } }],
  ['PATCH', '/api/admin/users/1/', { body: { username: 1 } }],
  ['PATCH', '/api/admin/users/1/', {}],
  ['POST', '/api/admin/users/2147483647/disable/', {}],
  ['POST', '/api/admin/users/x/disable?id=1', { body: { id: 1 } }],
  ['DELETE', '/api/admin/users/2147483647?id=1', { body: { id: 1 } }],
  ['DELETE', '/api/admin/sessions/x', {}],
  ['GET', '/api/admin/settings/', {}],
  ['PATCH', '/api/admin/settings/', { body: { changes: {} }, headers: { 'if-match': '*' } }],
  ['GET', '/api/me/sessions?x=1', {}],
  ['GET', '/api/me/end-other-sessions', {}],
]

test.for(adminRequests)('%s %s %o: both ways give the same to an admin', async (request, { ways, admin }) => {
  const [method, path, sent] = request
  const what = { ...sent, headers: { ...REQUEST_ID, ...admin, ...sent.headers } }
  const [one, other] = [await ways[0](method, path, what), await ways[1](method, path, what)]
  expect(comparable(other)).toEqual(comparable(one))
  expect(one.status).not.toBe(500)
})

test('both ways give the same to who is logged in', async ({ ways: [library, direct], core, makeAccount, clock }) => {
  const { accessToken, refreshToken } = await login(core, await makeAccount())
  const headers = { ...REQUEST_ID, authorization: `Bearer ${accessToken}` }
  const same = async (method: string, path: string, sent: Sent) => {
    const [one, other] = [await library(method, path, sent), await direct(method, path, sent)]
    expect(comparable(other)).toEqual(comparable(one))
    return one.status
  }
  expect(await same('GET', '/api/me/?id=7&x=1', { headers })).toBe(200)
  expect(await same('HEAD', '/api/me', { headers })).toBe(200)
  expect(await same('PUT', '/api/me/', { headers, body: { username: 'John Smith', __proto__: 1 } })).toBe(200)
  // Within grace the second gets the same successor.
  expect(await same('POST', '/api/refresh/', { headers, body: { refresh_token: refreshToken } })).toBe(200)
  clock.advance(30)
  expect(await same('GET', '/api/me/', { headers })).toBe(401)
  expect(await same('POST', '/api/refresh/', { headers, body: { refresh_token: refreshToken } })).toBe(401)
})

test('the operations that carry the load go past the library', async () => {
  const { appRouter, operationsOf } = await import('@latchkey/api')
  const hot = operationsOf(appRouter).filter((operation) => operation.hot)
  expect(hot.map(({ name }) => name)).toEqual(['auth.refresh', 'me.get', 'me.update'])
})
