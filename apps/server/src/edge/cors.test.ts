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
    'access-control-expose-headers': 'Retry-After, WWW-Authenticate, X-Request-Id',
  })
  expect(refused.headers).not.toHaveProperty('access-control-allow-methods')
  expect(String(refused.headers.vary).split(', ')).toContain('Origin')
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
