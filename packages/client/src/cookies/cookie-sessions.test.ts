import { PASSWORD } from '../testing/server.ts'
import { expect, test } from '../testing/cookie-app.ts'
import { createCookieSessions } from './cookie-sessions.ts'

/** Seconds after which a token of 30 s is due, and is no longer accepted. Up to one less: what is left is rounded down. */
const DUE = 27
const OVER = 30

const refreshes = ({ requests }: { requests: string[] }) => requests.filter((path) => path === '/trpc/auth.refresh')

test('a login gives cookies that no script reads, for this host alone', async ({ signIn }) => {
  const { jar } = await signIn()
  for (const name of ['session', 'access', 'fresh', 'device']) {
    expect(jar.get(name)?.attributes, name).toEqual(
      expect.arrayContaining(['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']),
    )
  }
})

test('a login that is refused says why, and leaves everything as it was', async ({ signIn, network }) => {
  const { jar } = await signIn()
  const sessions = createCookieSessions({ url: network.url, origin: 'https://app.example.com' })
  const session = await sessions.open({ headers: new Headers({ cookie: jar.header() }) })
  await expect(session.login({ email: 'nobody@example.com', password: 'wrong' })).rejects.toMatchObject({
    code: 'invalid_credentials',
    status: 401,
    requestId: expect.any(String),
  })
  expect(session.status).toBe('signed-in')
  const answer = new Headers()
  session.commit(answer)
  expect(answer.getSetCookie()).toEqual([])
})

test('registers an account', async ({ server }) => {
  const sessions = createCookieSessions({ url: server.url, origin: 'http://localhost:3000' })
  const session = await sessions.open({ headers: new Headers() })
  const account = { email: `${crypto.randomUUID()}@example.com`, password: 'correct horse 42' }
  expect(await session.register(account)).toEqual({ id: expect.any(Number), email: account.email })
  await expect(session.register(account)).rejects.toMatchObject({ code: 'email_taken' })
})

test('says who is signed in, and no cache may keep what sets tokens', async ({ signIn }) => {
  const browser = await signIn()
  expect(await browser.open()).toEqual({ status: 'signed-in', email: browser.email })
  browser.jar.advance(DUE)
  const answer = await browser.send('/')
  expect(answer.headers.getSetCookie()).toHaveLength(3)
  expect(answer.headers.get('cache-control')).toBe('no-store')
})

test('as long as the token is fresh the server is not asked', async ({ signIn, network }) => {
  const { jar, open } = await signIn()
  jar.advance(DUE - 2)
  expect((await open()).status).toBe('signed-in')
  expect(refreshes(network)).toEqual([])
})

test('stays signed in over many lifetimes, with one refresh for each', async ({ signIn, network }) => {
  const { jar, open } = await signIn()
  for (let lifetime = 0; lifetime < 10; lifetime++) {
    jar.advance(lifetime % 2 === 0 ? DUE : 3600)
    expect((await open()).status).toBe('signed-in')
    expect((await open()).status).toBe('signed-in')
  }
  expect(refreshes(network)).toHaveLength(10)
})

test('the requests of one page share one refresh, those that come a moment later too', async ({ signIn, network }) => {
  const { jar, send, email } = await signIn()
  jar.advance(OVER)
  const together = await Promise.all(Array.from({ length: 20 }, () => send('/')))
  const later = await send('/')
  const seen = await Promise.all([...together, later].map((answer) => answer.json()))
  expect(seen).toEqual(Array.from({ length: 21 }, () => ({ status: 'signed-in', email })))
  expect(new Set([...together, later].map((answer) => answer.headers.getSetCookie()[0])).size).toBe(1)
  expect(refreshes(network)).toHaveLength(1)
})

test('two processes that refresh at once set the same session', async ({ signIn, startApp }) => {
  const { jar, send } = await signIn()
  jar.advance(OVER)
  const answers = await Promise.all([startApp(), startApp(), startApp()].map((app) => send('/', {}, app)))
  expect(new Set(answers.map(({ headers }) => headers.getSetCookie()[0])).size).toBe(1)
})

test.for(['answer lost', 'cut off', 'refused'] as const)(
  'a refresh that is %s once is tried again, unless it is told to wait',
  async (weather, { signIn, network }) => {
    const { jar, open } = await signIn()
    jar.advance(OVER)
    network.forecast(weather)
    expect((await open()).status).toBe(weather === 'refused' ? 'unavailable' : 'signed-in')
    expect(refreshes(network)).toHaveLength(weather === 'refused' ? 1 : 2)
  },
)

test('in an outage the page goes on with its token as long as that is accepted, and nobody is logged out', async ({
  signIn,
  network,
  startApp,
}) => {
  const { jar, open, email } = await signIn()
  network.weather = 'refused'
  jar.advance(DUE)
  expect(await open()).toEqual({ status: 'signed-in', email })
  jar.advance(OVER - DUE)
  expect(await open()).toEqual({ status: 'unavailable' })
  expect(refreshes(network)).toHaveLength(1)
  network.weather = 'fine'
  expect(await open(startApp())).toEqual({ status: 'signed-in', email })
})

test('a server that cannot be reached logs nobody out', async ({ signIn, network }) => {
  const { jar, open } = await signIn()
  network.weather = 'cut off'
  jar.advance(OVER)
  expect((await open()).status).toBe('unavailable')
  expect((await open()).status).toBe('unavailable')
  expect(refreshes(network)).toHaveLength(3)
})

test('once the server says that the session has ended, its cookies go', async ({ signIn, server, network }) => {
  const { jar, open } = await signIn()
  await end(server.url, jar.get('session')?.value)
  jar.advance(OVER)
  expect((await open()).status).toBe('signed-out')
  expect((await open()).status).toBe('signed-out')
  expect(['session', 'access', 'fresh'].map((name) => jar.get(name))).toEqual([undefined, undefined, undefined])
  expect(refreshes(network)).toHaveLength(1)
})

test('a refusal of the old session does not log out of the new one', async ({ signIn, openBrowser, server }) => {
  const old = await signIn()
  await end(server.url, old.jar.get('session')?.value)
  old.jar.advance(OVER)
  const refused = await old.send('/')
  const { jar, email } = await signIn()
  jar.take(refused.headers)
  expect(await openBrowser(jar).open()).toEqual({ status: 'signed-in', email })
})

test('signing out ends the session on the server', async ({ signIn, server }) => {
  const { jar, send, open } = await signIn()
  const token = jar.get('session')?.value
  const answer = await send('/logout', { method: 'POST' })
  jar.take(answer.headers)
  expect((await open()).status).toBe('signed-out')
  expect(jar.get('session')).toBeUndefined()
  await expect(end(server.url, token)).rejects.toThrow('401')
})

test('an answer that was under way does not undo a sign out', async ({ signIn }) => {
  const { jar, send, open } = await signIn()
  jar.advance(DUE)
  const slow = await send('/')
  jar.take((await send('/logout', { method: 'POST' })).headers)
  jar.take(slow.headers)
  expect(jar.get('access')).toBeDefined()
  expect((await open()).status).toBe('signed-out')
  expect(jar.get('access')).toBeUndefined()
})

test('signs out without the server, too', async ({ signIn, network }) => {
  const { jar, send, open } = await signIn()
  network.weather = 'cut off'
  jar.take((await send('/logout', { method: 'POST' })).headers)
  expect((await open()).status).toBe('signed-out')
})

test('an access token that nobody signed says nothing', async ({ signIn }) => {
  const { jar, open, email } = await signIn()
  const forged = `${btoa('{"alg":"none"}')}.${btoa('{"user_id":1}')}.`
  jar.take(new Headers([['set-cookie', `__Host-latchkey_access=${forged}; Max-Age=30`]]))
  expect(await open()).toEqual({ status: 'signed-in', email })
  expect(jar.get('access')?.value).not.toBe(forged)
})

test.for(['', 'nonsense', 'a.b.c', '%00', `${'0'.repeat(36)}.${'0'.repeat(36)}.${'0'.repeat(36)}`])(
  'a session cookie %j signs nobody in, and goes',
  async (value, { openBrowser }) => {
    const { jar, open } = openBrowser()
    jar.take(new Headers([['set-cookie', `__Host-latchkey_session=${value}; Max-Age=99`]]))
    expect((await open()).status).toBe('signed-out')
    expect(jar.get('session')).toBeUndefined()
  },
)

test('another site cannot sign anybody in or out', async ({ openBrowser, network }) => {
  const headers = { 'sec-fetch-site': 'cross-site' }
  const { status } = await openBrowser().send('/login', { method: 'POST', headers, body: '{}' })
  expect(status).toBe(403)
  expect(network.requests).toEqual([])
})

test('what runs behind a middleware reads the new cookies, and refreshes nothing', async ({ signIn, network }) => {
  const { jar, send } = await signIn()
  jar.advance(OVER)
  const answer = await send('/behind')
  const { cookie } = (await answer.json()) as { cookie: string }
  jar.take(answer.headers)
  const ours = (header: string) =>
    header
      .split('; ')
      .filter((pair) => /session|access|fresh/.test(pair))
      .toSorted()
  expect(ours(cookie)).toEqual(ours(jar.header()))
  expect(refreshes(network)).toHaveLength(1)
})

test.for(['http://app.example.com', 'http://localhost.example.com', 'ftp://localhost'])(
  'tokens do not go to %s in the clear',
  (origin) => {
    expect(() => createCookieSessions({ url: 'http://localhost:8000', origin })).toThrow('neither https nor')
  },
)

/** Ends a session from elsewhere. */
async function end(url: string, cookie = ''): Promise<void> {
  const [token] = cookie.split('.')
  const answer = await fetch(`${url}/api/logout/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh_token: token }),
  })
  if (answer.status !== 200) throw new Error(String(answer.status))
}

test('a login ends the session that was there, here and on the server', async ({ signIn, network }) => {
  const { jar } = await signIn()
  const other = await signIn()
  const sessions = createCookieSessions({ url: network.url, origin: 'https://app.example.com' })
  const before = network.requests.filter((path) => path === '/trpc/auth.logout').length
  const session = await sessions.open({ headers: new Headers({ cookie: jar.header() }) })
  await session.login({ email: other.email, password: PASSWORD })
  expect(session.status).toBe('signed-in')
  expect(network.requests.filter((path) => path === '/trpc/auth.logout')).toHaveLength(before + 1)
  const answer = new Headers()
  session.commit(answer)
  expect(answer.getSetCookie().map((cookie) => cookie.split('=')[0])).toEqual(
    expect.arrayContaining(['__Host-latchkey_session', '__Host-latchkey_ended']),
  )
})

test('a response that is thrown has its cookies, and what else is thrown goes on', async ({ signIn, network }) => {
  const { jar } = await signIn()
  jar.advance(DUE)
  const sessions = createCookieSessions({ url: network.url, origin: 'https://app.example.com' })
  const request = () => new Request('https://app.example.com/', { headers: { cookie: jar.header() } })
  const answer = await sessions.handle(request(), () => {
    // oxlint-disable-next-line typescript/only-throw-error -- as frameworks do
    throw new Response(null, { status: 303, headers: { location: '/' } })
  })
  expect([answer.status, answer.headers.getSetCookie().length]).toEqual([303, 3])
  const failing = sessions.handle(request(), () => {
    throw new Error('of the app')
  })
  await expect(failing).rejects.toThrow('of the app')
})
