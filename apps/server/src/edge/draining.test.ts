import { expect, sendTo, test } from '../testing/served.ts'

test('while draining all calls get a 503 and are sent away, in their own form', async ({ serve, login }) => {
  const state = { draining: false }
  const send = sendTo(await serve({ state }))
  const { refreshToken } = await login()
  state.draining = true
  const rest = await send('POST', '/api/refresh/', { body: { refresh_token: refreshToken } })
  expect(rest).toMatchObject({ status: 503, headers: { connection: 'close', 'retry-after': '1' } })
  expect(rest.json().code).toBe('unavailable')
  const trpc = await send('GET', '/trpc/me.get')
  expect(trpc).toMatchObject({ status: 503, headers: { connection: 'close', 'retry-after': '1' } })
  expect(JSON.parse(trpc.text)).toMatchObject({ error: { data: { code: 'unavailable', status: 503, retryAfter: 1 } } })
  // The token was not used up.
  state.draining = false
  expect((await send('POST', '/api/refresh/', { body: { refresh_token: refreshToken } })).status).toBe(200)
})
