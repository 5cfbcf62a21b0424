import { expect, test as base } from '../testing/server.ts'
import { createCookieJar } from '../testing/cookie-jar.ts'
import { createCookieSessions } from './cookie-sessions.ts'

/** The app is a proxy that the server trusts. */
const test = base.extend('environment', { scope: 'file' }, () => ({
  LATCHKEY_TRUSTED_PROXIES: '127.0.0.1',
  LATCHKEY_RATE_LIMITS: 'on',
  LATCHKEY_LOGIN_FAILURES_PER_MINUTE: '2',
}))

test('the server sees the browser, not the app', async ({ server, makeAccount }) => {
  const sessions = createCookieSessions({ url: server.url, origin: 'http://localhost:3000' })
  const headers = new Headers({
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  })
  const session = await sessions.open({ headers }, { address: '192.0.2.7' })
  await session.login(await makeAccount())
  const listed = await session.fetch(`${server.url}/api/me/sessions/`)
  const { items } = (await listed.json()) as { items: object[] }
  expect(items).toMatchObject([{ device: 'Firefox 140 on Linux', address: '192.0.2.7' }])
})

test('a browser that was here before gets in, whatever others try on the account', async ({ server, makeAccount }) => {
  const sessions = createCookieSessions({ url: server.url, origin: 'http://localhost:3000' })
  const account = await makeAccount()
  const jar = createCookieJar()
  const open = (address: string) => sessions.open({ headers: new Headers({ cookie: jar.header() }) }, { address })

  const first = await open('192.0.2.8')
  await first.login(account)
  await first.logout()
  const answer = new Headers()
  first.commit(answer)
  jar.take(answer)

  const stranger = await sessions.open({ headers: new Headers() }, { address: '192.0.2.8' })
  const tries = Array.from({ length: 3 }, () => stranger.login({ ...account, password: 'a guess' }))
  const codes = (await Promise.allSettled(tries)).map((tried) => tried.status === 'rejected' && tried.reason.code)
  expect(codes).toContain('too_many_requests')
  await expect(stranger.login(account)).rejects.toMatchObject({
    code: 'too_many_requests',
    retryAfter: expect.any(Number),
  })

  const again = await open('192.0.2.8')
  await again.login(account)
  expect(again.status).toBe('signed-in')
})
