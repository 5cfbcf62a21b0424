import { LatchkeyError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { Registered } from '../router.ts'
import { browserHeaders } from './browser.ts'
import type { CallServer } from './call-server.ts'
import type { Cookies } from './cookie.ts'
import { type Refresh, waitFor } from './refresh.ts'
import { firstRetryKey } from './retry-key.ts'
import type { CookieSession, CookieSessionStatus } from './session.ts'
import { changesFor, keptIn, type Outcome } from './state.ts'
import { readTokens, type StoredSession, type Tokens, writeStored } from './tokens.ts'

/** Milliseconds for which a request waits for a new access token when it could go on with the one it has. */
const PATIENCE_MS = 1000

/** What one app has for all its requests. */
export interface Kit<Claims> {
  cookies: Cookies
  call: CallServer
  refresh: Refresh
  /** Checks an access token; throws where it is not good. */
  verify: ((accessToken: string) => Promise<Claims>) | undefined
}

/** What a request comes with. */
export interface Incoming {
  headers: Headers
  /** The IP address of the browser, as far as the app knows it. */
  address: string | undefined
}

/** Where a session stands. */
interface Standing<Claims> {
  status: CookieSessionStatus
  accessToken?: string
  claims?: Claims | undefined
  error?: unknown
}

/** Reads the session of a request from its cookies, and refreshes it where that is due. */
export async function openSession<Claims>(kit: Kit<Claims>, incoming: Incoming): Promise<CookieSession<Claims>> {
  const { cookies, call, refresh, verify } = kit
  const kept = keptIn(cookies.read(incoming.headers.get('cookie')))
  const headers = browserHeaders(incoming.headers, { address: incoming.address, device: kept.device })
  let outcome: Outcome = {}
  let { session } = kept
  let isForced = false
  let standing = await begin()

  async function begin(): Promise<Standing<Claims>> {
    if (session === undefined) return { status: 'signed-out' }
    const now = kept.isFresh && kept.accessToken !== undefined ? await signedIn(kept.accessToken) : undefined
    return now?.status === 'signed-in' ? now : await renew(session)
  }

  async function renew(stored: StoredSession): Promise<Standing<Claims>> {
    const refreshing = refresh(stored, headers)
    const refreshed = await (kept.accessToken === undefined ? refreshing : waitFor(refreshing, PATIENCE_MS))
    if (refreshed.outcome === 'refreshed') return await adopt(refreshed.tokens)
    if (refreshed.outcome === 'ended') {
      session = undefined
      outcome = { ...outcome, tokens: undefined, refused: stored }
      return { status: 'signed-out' }
    }
    // After another login in this request the token that came with it is somebody else's.
    const token = stored === kept.session ? kept.accessToken : undefined
    const old = token === undefined ? undefined : await signedIn(token)
    return old?.status === 'signed-in' ? old : { status: 'unavailable', error: refreshed.error }
  }

  async function adopt(tokens: Tokens): Promise<Standing<Claims>> {
    session = tokens
    outcome = { ...outcome, tokens }
    return await signedIn(tokens.accessToken)
  }

  /** A token that is refused here is no reason to lose the session: its cookies are set all the same. */
  async function signedIn(accessToken: string): Promise<Standing<Claims>> {
    try {
      return { status: 'signed-in', accessToken, claims: await verify?.(accessToken) }
    } catch (error) {
      return { status: 'unavailable', error }
    }
  }

  /** As far as it can be reached: else the session runs out by itself. */
  async function endOnServer({ refreshToken }: StoredSession): Promise<void> {
    await call({ procedure: 'auth.logout', input: { refresh_token: refreshToken }, headers }).catch(() => {})
  }

  function send(request: Request): Promise<Response> {
    const { accessToken } = standing
    if (accessToken !== undefined) request.headers.set('Authorization', `Bearer ${accessToken}`)
    return fetch(request)
  }

  return {
    get status() {
      return standing.status
    },
    get accessToken() {
      return standing.accessToken
    },
    get claims() {
      return standing.claims
    },
    get error() {
      return standing.error
    },
    async register(input) {
      return readRegistered((await call({ procedure: 'auth.register', input, headers })).data)
    },
    async login(input) {
      const askedAt = performance.now()
      const { data, headers: answered } = await call({ procedure: 'auth.login', input, headers })
      const tokens = { ...readTokens(data, askedAt), retryKey: firstRetryKey() }
      const replaced = session
      outcome = { device: answered.get('latchkey-device') ?? undefined, signedOut: replaced }
      standing = await adopt(tokens)
      if (replaced !== undefined) await endOnServer(replaced)
    },
    async logout() {
      if (session === undefined) return
      const ended = session
      outcome = { ...outcome, tokens: undefined, signedOut: ended }
      session = undefined
      standing = { status: 'signed-out' }
      await endOnServer(ended)
    },
    async fetch(input, init) {
      if (standing.status === 'unavailable') throw standing.error
      const request = new Request(input, init)
      // The app has its own: it goes as it is.
      if (request.headers.has('authorization')) return await fetch(request)
      const again = request.clone()
      const answer = await send(request)
      // Once for each request: a service that refuses whatever it is sent shall not make us refresh with each call.
      if (answer.status !== 401 || session === undefined || isForced) return answer
      isForced = true
      const before = session
      standing = await renew(before)
      if (session === undefined || session === before) return answer
      await answer.body?.cancel()
      return await send(again)
    },
    commit(target) {
      const changes = changesFor(kept, outcome)
      for (const { name, value, maxAge } of changes) target.append('Set-Cookie', cookies.write(name, value, maxAge))
      if (changes.length > 0) target.set('Cache-Control', 'no-store')
    },
    forward() {
      const forwarded = new Headers(incoming.headers)
      const accessToken = standing.accessToken ?? outcome.tokens?.accessToken
      if (session !== undefined && accessToken === undefined) return forwarded
      const values = new Map([
        ['session', session && writeStored(session)],
        ['access', accessToken],
        ['fresh', accessToken && '1'],
      ] as const)
      forwarded.set('Cookie', cookies.replace(incoming.headers.get('cookie'), values))
      return forwarded
    },
  }
}

/** @throws LatchkeyError `unreadable_answer` */
function readRegistered(data: unknown): Registered {
  const { id, email } = isObject(data) ? data : {}
  if (typeof id !== 'number' || typeof email !== 'string') throw new LatchkeyError('unreadable_answer')
  return { id, email }
}
