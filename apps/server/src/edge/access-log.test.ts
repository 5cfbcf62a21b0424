import { expect, sendRaw, test } from '../testing/served.ts'

test('each request is one line that names its route, and nothing a client sent', async ({
  send,
  logged,
  makeAccount,
}) => {
  const { email, password } = await makeAccount()
  const login = await send('POST', '/api/login/?token=hidden-1', {
    headers: { 'x-request-id': 'proxy-1.a_b', 'user-agent': 'hidden-2' },
    body: { email, password },
  })
  const authorization = `Bearer ${String(login.json().access_token)}`
  await send('GET', '/api/me?hidden-3', { headers: { authorization } })
  await send('POST', '/api/refresh/', { body: { refresh_token: login.json().refresh_token } })
  await send('GET', `/api/hidden-4`)
  await send('GET', `/trpc/me.get`, { headers: { authorization } })

  await expect.poll(() => logged.length).toBe(5)
  expect(logged[0]).toMatchObject({
    level: 'info',
    msg: 'request',
    requestId: 'proxy-1.a_b',
    method: 'POST',
    route: '/api/login/',
    status: 200,
    durationMs: expect.any(Number),
  })
  expect(logged.slice(1).map(({ method, route, status }) => [method, route, status].join(' '))).toEqual([
    'GET /api/me 200',
    'POST /api/refresh/ 200',
    'GET /* 404',
    'GET /trpc/* 200',
  ])
  const text = JSON.stringify(logged)
  for (const secret of [email, password, 'hidden', ...Object.values(login.json())]) expect(text).not.toContain(secret)
})

test('a client that does not wait for its answer is noted', async ({ port, logged, login, lockDatabase }) => {
  const { accessToken } = await login()
  const release = await lockDatabase()
  await sendRaw(port, `GET /api/me/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${accessToken}\r\n\r\n`)
  const line = () => logged.find(({ msg }) => msg === 'request')
  await expect.poll(line).toMatchObject({ aborted: true, route: '/api/me/' })
  expect(line(), 'no answer, no status').not.toHaveProperty('status')
  await release()
})
