import { expect, test } from './testing/served.ts'

const REALM = 'Bearer realm="latchkey"'
const INVALID = `${REALM}, error="invalid_token", error_description="Invalid access token"`
const EXPIRED = `${REALM}, error="invalid_token", error_description="Access token expired"`

test('without an access token the answer says what kind is asked for, and nothing else', async ({ send }) => {
  for (const [method, path] of [
    ['GET', '/api/me/'],
    ['PUT', '/api/me/'],
    ['GET', '/trpc/me.get'],
  ] as const) {
    const answer = await send(method, path, method === 'PUT' ? { body: {} } : {})
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': REALM } })
    expect(answer.text).toContain('missing_token')
  }
})

test('after its lifetime, to the second, a token is refused', async ({ send, login, clock }) => {
  const headers = { authorization: `Bearer ${(await login()).accessToken}` }
  clock.advance(29)
  expect((await send('GET', '/api/me/', { headers })).status).toBe(200)
  clock.advance(1)
  for (const path of ['/api/me/', '/trpc/me.get']) {
    const answer = await send('GET', path, { headers })
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': EXPIRED } })
    expect(answer.text).toContain('token_expired')
  }
})

test('what is no token of ours is refused, in whatever shape it comes', async ({ send, login }) => {
  const { accessToken, refreshToken } = await login()
  const [header = '', payload = '', signature = ''] = accessToken.split('.')
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const forgeries = [
    'x',
    refreshToken,
    `${header}.${payload}`,
    `${header}.${payload}.`,
    `${header}.${payload}.${signature}.${signature}.${signature}`,
    `${header}.${encode({ ...claims, user_id: 1, sub: '1' })}.${signature}`,
    `${encode({ alg: 'none' })}.${payload}.`,
    `${encode({ alg: 'EdDSA', kid: 'nobody', typ: 'at+jwt' })}.${payload}.${signature}`,
    `${'a'.repeat(8000)}.${payload}.${signature}`,
    `${header}.${payload}.${signature}=`,
  ]
  for (const token of forgeries) {
    const answer = await send('GET', '/api/me/', { headers: { authorization: `Bearer ${token}` } })
    expect(answer, token).toMatchObject({ status: 401, headers: { 'www-authenticate': INVALID } })
    expect(answer.json().code).toBe('invalid_token')
  }
  // A valid one in between: nothing sticks.
  expect((await send('GET', '/api/me/', { headers: { authorization: `bearer ${accessToken}` } })).status).toBe(200)
})

test.for(['Basic dXNlcjpwYXNz', 'Digest username="a"', 'Bearer', 'Bearer ', '', 'Token x', 'BearerX x'])(
  'another scheme is no access token: %j',
  async (authorization, { send }) => {
    const answer = await send('GET', '/api/me/', { headers: { authorization } })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /)
    expect(['missing_token', 'invalid_token']).toContain(answer.json().code)
  },
)

test('a token lives out its seconds for reading, but changes nothing once its session has ended', async ({
  send,
  login,
}) => {
  const { accessToken, refreshToken } = await login()
  const headers = { authorization: `Bearer ${accessToken}` }
  expect((await send('POST', '/api/logout/', { body: { refresh_token: refreshToken } })).status).toBe(200)
  expect((await send('GET', '/api/me/', { headers })).status).toBe(200)
  const refused = await send('PUT', '/api/me/', { headers, body: { username: 'x' } })
  expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': INVALID } })
  expect(refused.json().code).toBe('invalid_token')
})

test('a 401 about something else asks for no access token', async ({ send }) => {
  const body = { refresh_token: crypto.randomUUID() }
  const answer = await send('POST', '/api/refresh/', { body })
  expect(answer.status).toBe(401)
  expect(answer.json().code).toBe('invalid_refresh_token')
  expect(answer.headers).not.toHaveProperty('www-authenticate')
})
