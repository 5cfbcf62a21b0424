import { createHash } from 'node:crypto'
import { expect, sendTo, test } from '../testing/served.ts'

/** What a browser sends when an address is typed. */
const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

test('a browser that opens an operation learns how to call it', async ({ send }) => {
  const page = await send('GET', '/api/login/', { headers: BROWSER })
  expect(page).toMatchObject({
    status: 405,
    headers: {
      allow: 'POST, OPTIONS',
      'content-type': 'text/html; charset=UTF-8',
      'cache-control': 'no-store',
      vary: 'Accept',
    },
  })
  expect(page.text).toContain('<span class="verb">POST</span>/api/login/')
  expect(page.text).toContain('curl -X POST http://localhost:8000/api/login/')
  expect(page.text).toContain(
    '-d &#39;{&quot;email&quot;: &quot;user@example.com&quot;, &quot;password&quot;: &quot;password&quot;}&#39;',
  )
  expect(page.text).toContain('invalid_credentials')
  expect(page.text).toContain('href="/docs/"')
  expect(page.text).toContain('href="/openapi.json"')
})

test('GET /me without a token is such a case too, and asks for the token as ever', async ({ send }) => {
  const page = await send('GET', '/api/me', { headers: BROWSER })
  expect(page).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="latchkey"' } })
  expect(page.text).toContain('<span class="verb">GET</span>/api/me/')
  expect(page.text).toContain('Authorization: Bearer $ACCESS')
})

test('a path with a parameter is shown with one that could be called', async ({ send }) => {
  const page = await send('GET', '/api/admin/users/secret-1', { headers: BROWSER })
  expect(page).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="latchkey"' } })
  expect(page.text).toContain('<span class="verb">GET</span>/api/admin/users/{id}/')
  expect(page.text).toContain('curl -X GET http://localhost:8000/api/admin/users/7/')
  expect(page.text).not.toContain('secret-1')
  const others = await send('GET', '/api/me/end-other-sessions/', { headers: BROWSER })
  expect(others).toMatchObject({ status: 405, headers: { allow: 'POST, OPTIONS' } })
  expect(others.text).toContain('<span class="verb">POST</span>/api/me/end-other-sessions/')
})

test('the start of the API shows what there is, and so does any other address below it', async ({ send }) => {
  for (const [path, status] of [
    ['/api', 200],
    ['/api/', 200],
    ['/api/nothing/<script>', 404],
  ] as const) {
    const page = await send('GET', path, { headers: BROWSER })
    expect(page.status).toBe(status)
    for (const each of ['/api/register/', '/api/login/', '/api/refresh/', '/api/logout/', '/api/me/']) {
      expect(page.text).toContain(`href="${each}"`)
    }
    expect(page.text).not.toContain('nothing/')
    expect((await send('GET', path)).status).toBe(404)
  }
})

test('everybody else gets the problem', async ({ send, login }) => {
  const json = { headers: { 'content-type': 'application/problem+json' } }
  expect(await send('GET', '/api/login/')).toMatchObject(json)
  expect(await send('GET', '/api/login/', { headers: { accept: '*/*' } })).toMatchObject(json)
  expect(await send('GET', '/api/login/', { headers: { accept: 'application/json' } })).toMatchObject(json)
  expect(await send('POST', '/api/login/', { headers: BROWSER, body: {} })).toMatchObject(json)
  expect(await send('GET', '/nothing', { headers: BROWSER })).toMatchObject(json)
  const headers = { ...BROWSER, authorization: 'Bearer x' }
  expect(await send('GET', '/api/me/', { headers })).toMatchObject(json)
  const authorization = `Bearer ${(await login()).accessToken}`
  expect((await send('GET', '/api/me/', { headers: { ...BROWSER, authorization } })).headers['content-type']).toBe(
    'application/json',
  )
})

test('its policy lets nothing in but its own style and script', async ({ send }) => {
  const page = await send('GET', '/api/login/', { headers: BROWSER })
  const hash = (tag: string) => {
    const text = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page.text)?.[1] ?? ''
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  }
  expect(page.headers['content-security-policy']).toBe(
    `default-src 'none'; style-src ${hash('style')}; script-src ${hash('script')}; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
  expect(page.text).not.toMatch(/ style=| on[a-z]+=|src="|https?:\/\/(?!localhost:8000|www\.w3\.org)/)
})

test('what a request claims to be the host is not shown', async ({ serve }) => {
  const send = sendTo(await serve())
  const page = await send('GET', '/api/login/', {
    headers: { ...BROWSER, host: 'evil.example.com', 'x-forwarded-host': 'evil.example.com' },
  })
  expect(page.text).not.toContain('evil')
})
