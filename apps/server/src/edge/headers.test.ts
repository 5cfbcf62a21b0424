import { expect, test } from '../testing/served.ts'

test('answers carry what shuts doors in browsers, and no cache keeps them', async ({ send }) => {
  for (const [method, path] of [
    ['GET', '/api/me/'],
    ['POST', '/api/login/'],
    ['GET', '/trpc/me.get'],
    ['GET', '/nothing'],
  ] as const) {
    const { headers } = await send(method, path)
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('server')
  }
})
