import { asLatchkeyError } from './answer.ts'
import type { Environment } from './environment.ts'
import { thisMoment } from './lifetime.ts'
import { pauseAfter } from './pause.ts'
import { type HeldSession, holdPair, type Pause } from './record.ts'
import { askForRefresh, type Server } from './server.ts'
import type { SessionStore } from './session-store.ts'
import { inTries } from './tries.ts'

/** Tries of one exchange. While the server is known to be away, one is enough to find out whether it is back. */
const TRIES = 3

/**
 * Exchanges the tokens of a session for new ones, and keeps these. All tries carry the key that was stored with the
 * refresh token, before the first of them: even after a crash, a reload or an outage the server knows them.
 *
 * Whatever goes wrong, but for a refusal of the refresh token itself, logs nobody out: it begins a pause.
 *
 * @param pause the one before this, if the last exchange failed
 * @returns what is in the store afterwards; `refused` when the server says that the token is none, or has ended
 * @throws LatchkeyError
 */
export async function exchange(
  { environment, store, server }: { environment: Environment; store: SessionStore; server: Server },
  held: HeldSession,
  pause: Pause | null,
): Promise<HeldSession | null | 'refused'> {
  const { refreshToken, exchangeKey: key } = held.record
  try {
    const next = await inTries(environment, pause === null ? TRIES : 1, async (signal) => {
      const asked = thisMoment(environment)
      const pair = await askForRefresh(server, { refreshToken, key, signal })
      return holdPair(pair, { environment, asked, before: held })
    })
    return await store.replace(held, next)
  } catch (thrown) {
    const error = asLatchkeyError(thrown)
    if (error.code === 'invalid_refresh_token' && error.status === 401) return 'refused'
    await store.pause(held, pauseAfter(error, pause, environment))
    throw error
  }
}
