import { expect, sendTo, test } from '../testing/served.ts'

const ORIGIN = 'https://app.example.com'
const PREFLIGHT = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }

test('a listed origin may ask and call, with tokens but without cookies', async ({ serve }) => {
  const send = sendTo(await serve({ corsOrigins: ['https://other.example.com', ORIGIN] }))
  for (const path of ['/api/login/', '/trpc/auth.login']) {
    const preflight = await send('OPTIONS', path, { headers: { origin: ORIGIN, ...PREFLIGHT } })
    expect(preflight.status).toBe(204)
    expect(preflight.headers).toMatchObject({
      allow: expect.stringContaining('POST'),
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': expect.stringMatching(/Authorization.*Content-Type/),
      'access-control-max-age': '600',
      vary: 'Origin',
    })
    expect(preflight.headers).not.toHaveProperty('access-control-allow-credentials')
  }
  // Errors too, or the page could not read why.
  const refused = await send('GET', '/api/me/', { headers: { origin: ORIGIN } })
  expect(refused.headers).toMatchObject({
    'access-control-allow-origin': ORIGIN,
    'access-control-expose-headers':
      'ETag, Latchkey-Device, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id',
  })
  expect(refused.headers).not.toHaveProperty('access-control-allow-methods')
  expect(String(refused.headers.vary).split(', ')).toContain('Origin')
})

test('a page of a listed origin may save settings: it reads the ETag, and sends it back', async ({ serve }) => {
  const send = sendTo(await serve({ corsOrigins: [ORIGIN] }))
  const asked = { 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization,if-match' }
  const preflight = await send('OPTIONS', '/api/admin/settings/', { headers: { origin: ORIGIN, ...asked } })
  expect(preflight.status).toBe(204)
  const listOf = (name: string) => String(preflight.headers[name]).toLowerCase().split(', ')
  expect(listOf('access-control-allow-methods')).toEqual(['get', 'post', 'put', 'patch', 'delete'])
  expect(listOf('access-control-allow-headers')).toEqual(
    expect.arrayContaining(['authorization', 'content-type', 'if-match', 'x-request-id']),
  )
  expect(listOf('access-control-expose-headers')).toEqual(
    expect.arrayContaining(['etag', 'retry-after', 'x-request-id']),
  )
})

test('a page of a listed origin may send what its logins and refreshes are tried again with', async ({ serve }) => {
  const send = sendTo(await serve({ corsOrigins: [ORIGIN] }))
  const asked = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,idempotency-key,latchkey-device',
  }
  const { headers } = await send('OPTIONS', '/api/refresh/', { headers: { origin: ORIGIN, ...asked } })
  expect(String(headers['access-control-allow-headers']).toLowerCase().split(', ')).toEqual(
    expect.arrayContaining(asked['access-control-request-headers'].split(',')),
  )
})

test.for([
  'https://app.example.com.evil.com',
  'http://app.example.com',
  'https://app.example.com:8443',
  'null',
  ORIGIN.toUpperCase(),
])('nothing is said to %s', async (origin, { serve }) => {
  const send = sendTo(await serve({ corsOrigins: [ORIGIN] }))
  const preflight = await send('OPTIONS', '/api/login/', { headers: { origin, ...PREFLIGHT } })
  expect(preflight.status).toBe(204)
  expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
  expect(preflight.headers.vary).toBe('Origin')
})

test('by default no origin is allowed', async ({ send }) => {
  const preflight = await send('OPTIONS', '/api/login/', { headers: { origin: ORIGIN, ...PREFLIGHT } })
  expect(preflight.status).toBe(204)
  expect(Object.keys(preflight.headers).filter((name) => /^(access-control-|vary$)/.test(name))).toEqual([])
})
