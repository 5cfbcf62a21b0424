import { createTRPCClient } from '@trpc/client'
import { type CallParts, callLink } from './call-link.ts'
import { LatchkeyError } from './errors.ts'
import { createEvents } from './events.ts'
import { createFollow } from './follow.ts'
import { keepText, storageNamed } from './kept-text.ts'
import type { Latchkey, LatchkeyCalls, LatchkeyClientOptions } from './latchkey.ts'
import { isPage, platformEnvironment } from './platform.ts'
import { createRefresher } from './refresher.ts'
import type { AppRouter } from './router.ts'
import { safely } from './safe.ts'
import { planRefreshes } from './schedule.ts'
import { createSessionFetch } from './session-fetch.ts'
import { openSessionStore } from './session-store.ts'
import { createSignIn } from './sign-in.ts'
import { findTabs, NO_TABS } from './tabs.ts'
import { transportLink } from './transport-link.ts'

/** When the network comes back, all clients of it refresh within so many milliseconds, and not all at once. */
const ONLINE_SPREAD = 1000

/**
 * Makes a client, which keeps its session fresh by itself.
 *
 * @example
 * const latchkey = createLatchkeyClient({ url: 'http://localhost:8000' })
 * await latchkey.login({ email: 'user@example.com', password: 'password' })
 * console.log(await latchkey.me())
 */
export function createLatchkeyClient(options: LatchkeyClientOptions): Latchkey {
  const url = options.url.replace(/\/+$/, '')
  const { storage = isPage() ? 'localStorage' : 'memory' } = options
  const { storageKey: key = `latchkey:${url}`, headers = {} } = options
  const environment = { ...platformEnvironment(), ...options.environment }
  // Looked up with each call: what an app puts in its place later counts.
  const fetch = options.fetch ?? ((...request) => globalThis.fetch(...request))
  const server = { endpoint: `${url}/trpc`, fetch, headers }
  const tokens = typeof storage === 'string' ? storageNamed(storage) : storage
  const isShared = tokens !== undefined && storage !== 'sessionStorage'

  const lookAgain = () => void store.reread().then(schedule.plan)
  const tabs = isShared ? findTabs(environment, { key, changed: lookAgain }) : NO_TABS
  const store = openSessionStore({
    environment,
    text: keepText(tokens, key),
    announce: tabs.announce,
    emit(event, session) {
      events.emit(event, session)
      schedule.plan()
    },
  })
  const events = createEvents(store.ready, () => store.session() ?? null)
  const refresher = createRefresher({ environment, store, tabs, server })
  const schedule = planRefreshes({ environment, store, refresher, isShared })
  const signIn = createSignIn({ environment, store, server })
  const device = keepText(tokens, `${key}:device`)

  const parts: CallParts = {
    fresh() {
      schedule.used()
      return refresher.fresh()
    },
    insteadOf: refresher.insteadOf,
    follow: createFollow({ store, signIn, device }),
  }
  const api = createTRPCClient<AppRouter>({ links: [callLink(parts), transportLink(server, device.read)] })
  const calls = callsBy(api, { accessToken: parts.fresh, session: store.session })

  const ends = [
    environment.onWake(lookAgain),
    environment.onOnline(() => {
      refresher.goOnline()
      environment.setIdleTimer(schedule.plan, environment.random() * ONLINE_SPREAD)
    }),
  ]
  void store.ready.then(schedule.plan)

  return {
    ...calls,
    logout: signIn.logout,
    fetch: createSessionFetch(fetch, parts),
    session: store.session,
    ready: () => store.ready,
    on: events.on,
    safe: safely(calls),
    close() {
      schedule.close()
      tabs.close()
      for (const end of ends) end()
    },
  }
}

/** The client's own methods: procedures by shorter names. */
function callsBy(
  api: LatchkeyCalls['api'],
  { accessToken, session }: Pick<LatchkeyCalls, 'accessToken'> & Pick<Latchkey, 'session'>,
): LatchkeyCalls {
  return {
    api,
    accessToken,
    register: (input, options) => api.auth.register.mutate(input, options),
    async login(input, options) {
      await api.auth.login.mutate(input, options)
      const begun = session()
      // Somebody logged out before anybody could see it.
      if (!begun) throw new LatchkeyError('superseded')
      return begun
    },
    me: (options) => api.me.get.query(undefined, options),
    updateMe: (input, options) => api.me.update.mutate(input, options),
    async changePassword(input, options) {
      await api.me.changePassword.mutate(input, options)
    },
    async deleteMe(input, options) {
      await api.me.delete.mutate(input, options)
    },
    sessions: {
      list: async (options) => (await api.me.sessions.list.query(undefined, options)).items,
      async end(id, options) {
        await api.me.sessions.end.mutate({ id }, options)
      },
      endOthers: async (options) => (await api.me.sessions.endOthers.mutate(undefined, options)).ended,
    },
  }
}
