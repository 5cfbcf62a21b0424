import type { Environment } from './environment.ts'

/** The other tabs of the same storage. */
export interface Tabs {
  /** Tells them that the storage has changed. */
  announce: () => void
  /** Does something while no other tab does. */
  exclusively<T>(action: () => Promise<T>): Promise<T>
  close(): void
}

/** For how long a tab waits for its turn, in milliseconds: longer than three tries take. One that is frozen never ends. */
const TURN_TIMEOUT = 12_000

/** There are none: the storage is this tab's alone. */
export const NO_TABS: Tabs = { announce: () => {}, exclusively: (action) => action(), close: () => {} }

/**
 * Finds the other tabs. Where the platform has no locks, two of them may refresh at once: they get the same tokens, and
 * it costs a request.
 *
 * @param options.changed is called when another tab may have changed the storage
 */
export function findTabs(environment: Environment, { key, changed }: { key: string; changed: () => void }): Tabs {
  let channel = environment.openChannel(key)
  channel?.onMessage(changed)
  const end = environment.onStorage(key, changed)

  return {
    announce: () => channel?.post('changed'),
    async exclusively(action) {
      const { locks } = environment
      if (locks === undefined) return await action()
      const waiting = new AbortController()
      const cancel = environment.setTimer(() => waiting.abort(), TURN_TIMEOUT)
      let hasBegun = false
      try {
        return await locks.request(key, { signal: waiting.signal }, () => {
          hasBegun = true
          cancel()
          return action()
        })
      } catch (error) {
        if (hasBegun) throw error
        // It was never our turn, or locks are denied to us: then as where there are none.
        return await action()
      } finally {
        cancel()
      }
    },
    close() {
      channel?.close()
      // What a closed channel is told, it throws back.
      channel = undefined
      end()
    },
  }
}
