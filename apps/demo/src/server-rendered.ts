import { getConnInfo } from '@hono/node-server/conninfo'
import { type CookieSession, createCookieSessions, isLatchkeyError } from '@latchkey/client/cookies'
import { type AccessClaims, createVerifier } from '@latchkey/verify'
import { Hono } from 'hono'
import { html } from 'hono/html'

const url = process.env['LATCHKEY_URL'] ?? 'http://localhost:8000'
const verify = createVerifier({ issuer: url })
const sessions = createCookieSessions({ url, origin: 'http://localhost:3000', verify })

export const app = new Hono<{ Variables: { session: CookieSession<AccessClaims> } }>()

app.use(async (c, next) => {
  if (sessions.isCrossSite(c.req.raw)) return c.text('This came from another site.', 403)
  const session = await sessions.open(c.req.raw, { address: getConnInfo(c).remote.address })
  c.set('session', session)
  await next()
  session.commit(c.res.headers)
})

app.get('/', (c) => {
  const { status, claims } = c.var.session
  if (status === 'unavailable') return c.text('Back in a moment.', 503)
  return c.html(claims === undefined ? signIn() : home(claims))
})

app.post('/login', async (c) => {
  const credentials = await c.req.parseBody<{ email: string; password: string }>()
  try {
    await c.var.session.login(credentials)
    return c.redirect('/', 303)
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    return c.html(signIn(error.message), error.status === 401 ? 401 : 503)
  }
})

app.post('/logout', async (c) => {
  await c.var.session.logout()
  return c.redirect('/', 303)
})

/** Where the account is signed in: asked of the server in the user's name. */
app.get('/devices', async (c) => {
  if (c.var.session.status === 'unavailable') return c.text('Back in a moment.', 503)
  const { body, status } = await c.var.session.fetch(`${url}/api/me/sessions/`)
  return new Response(body, { status, headers: { 'content-type': 'application/json' } })
})

const home = ({ user_id, username }: AccessClaims) => html`
  <p>Hello ${username || `user ${user_id}`}</p>
  <form method="post" action="/logout"><button>Sign out</button></form>`

const signIn = (wrong = '') => html`
  <p>${wrong}</p>
  <form method="post" action="/login">
    <input name="email" type="email" autocomplete="username" required>
    <input name="password" type="password" autocomplete="current-password" required>
    <button>Sign in</button>
  </form>`
