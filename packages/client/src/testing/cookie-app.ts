import { createCookieSessions, type CookieSession } from '../cookies/index.ts'
import { createCookieJar, type CookieJar } from './cookie-jar.ts'
import { openProxy, type Proxy } from './proxy.ts'
import { PASSWORD, test as base } from './server.ts'

const ORIGIN = 'https://app.example.com'

/** What the pages of the app in the tests know of who looks at them. */
export interface Seen {
  status: string
  email: string | undefined
}

type Session = CookieSession<{ email: string }>

/** A browser of the app: it sends its cookies, and takes what it is given. */
export interface AppBrowser {
  readonly jar: CookieJar
  /** Opens a page: what it says, once its cookies are kept. */
  open: (process?: AppProcess) => Promise<Seen>
  /** Sends a request and gives the answer; its cookies are kept only by `jar.take()`. */
  send: (path: string, init?: RequestInit, process?: AppProcess) => Promise<Response>
}

/** One process of the app. */
export type AppProcess = (request: Request) => Promise<Response>

/** An app as its author would write it, its processes, and browsers that use it; between it and the server a network. */
export const test = base
  .extend('network', async ({ server }, { onCleanup }): Promise<Proxy> => {
    const proxy = await openProxy(server.url)
    onCleanup(() => proxy.close())
    return proxy
  })
  /** Starts one more process of the app. */
  .extend('startApp', ({ server, network }) => (): AppProcess => {
    const verify = async (accessToken: string): Promise<{ email: string }> => {
      const answer = await fetch(`${server.url}/api/me/`, { headers: { authorization: `Bearer ${accessToken}` } })
      if (answer.status !== 200) throw new Error(`refused with ${answer.status}`)
      return (await answer.json()) as { email: string }
    }
    const sessions = createCookieSessions({ url: network.url, origin: ORIGIN, verify })
    return (request) => sessions.handle(request, (session) => respond(request, session))
  })
  .extend('app', ({ startApp }): AppProcess => startApp())
  /** Opens a browser in which nobody is signed in. */
  .extend('openBrowser', ({ app }) => (jar = createCookieJar()): AppBrowser => {
    const send: AppBrowser['send'] = (path, init, process = app) => {
      const request = new Request(`${ORIGIN}${path}`, init)
      request.headers.set('cookie', jar.header())
      return process(request)
    }
    return {
      jar,
      send,
      async open(process) {
        const answer = await send('/', {}, process)
        jar.take(answer.headers)
        return (await answer.json()) as Seen
      },
    }
  })
  /** The same, signed in to a new account. */
  .extend('signIn', ({ openBrowser, makeAccount }) => async () => {
    const browser = openBrowser()
    const { email } = await makeAccount()
    const answer = await browser.send('/login', { method: 'POST', body: JSON.stringify({ email, password: PASSWORD }) })
    if (answer.status !== 303) throw new Error(await answer.text())
    browser.jar.take(answer.headers)
    return { ...browser, email }
  })

async function respond(request: Request, session: Session): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (pathname === '/login') {
    await session.login((await request.json()) as { email: string; password: string })
    return Response.redirect(`${ORIGIN}/`, 303)
  }
  if (pathname === '/logout') {
    await session.logout()
    return Response.redirect(`${ORIGIN}/`, 303)
  }
  if (pathname === '/call') return await session.fetch(request.headers.get('to') ?? '')
  if (pathname === '/behind') return Response.json({ cookie: session.forward().get('cookie') })
  return Response.json({ status: session.status, email: session.claims?.email })
}

export { expect } from './server.ts'
