import type { Environment } from './environment.ts'
import { LatchkeyError } from './errors.ts'
import { thisMoment } from './lifetime.ts'
import { holdPair } from './record.ts'
import { askForLogout, type Server } from './server.ts'
import type { SessionStore } from './session-store.ts'
import { inTries } from './tries.ts'

/** Begins sessions and ends them. Of several wishes at a time the latest one counts, whichever answer comes last. */
export interface SignIn {
  /**
   * Somebody wants to log in, from now on. Gives what begins the session when the server has answered.
   *
   * @throws LatchkeyError (what it gives) `superseded` when something else was wanted meanwhile, and has happened
   */
  wish(): (pair: unknown) => Promise<void>
  /** Ends the session at once, and then tells the server. */
  logout: () => Promise<void>
}

/** How often the server is told that a session is over. */
const TRIES = 3

/** How long `logout()` waits for the server, in milliseconds: here it is over anyway. */
const LOGOUT_WAIT = 1000

/** Makes what begins and ends sessions. */
export function createSignIn({
  environment,
  store,
  server,
}: {
  environment: Environment
  store: SessionStore
  server: Server
}): SignIn {
  let wishes = 0
  let fulfilled = 0

  /** As far as it can be reached: a session that nobody can use any more runs out by itself. */
  async function tell(refreshToken: string): Promise<void> {
    await inTries(environment, TRIES, (signal) => askForLogout(server, { refreshToken, signal })).catch(() => {})
  }

  return {
    wish() {
      const mine = ++wishes
      const asked = thisMoment(environment)
      return async (pair) => {
        const next = holdPair(pair, { environment, asked, before: undefined })
        if (mine < fulfilled) {
          void tell(next.record.refreshToken)
          throw new LatchkeyError('superseded')
        }
        fulfilled = mine
        const replaced = store.held()
        const begun = store.begin(next)
        if (replaced !== null) void tell(replaced.record.refreshToken)
        await begun
      }
    },
    async logout() {
      fulfilled = ++wishes
      await store.ready
      const ended = store.end()
      if (ended === null) return
      let cancel = () => {}
      const enough = new Promise<void>((resolve) => {
        cancel = environment.setTimer(resolve, LOGOUT_WAIT)
      })
      await Promise.race([tell(ended.record.refreshToken), enough])
      cancel()
    },
  }
}
