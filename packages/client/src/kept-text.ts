import type { TokenStorage } from './token-storage.ts'

/** One text in a storage. Nothing of it throws: where the storage fails, memory goes on. */
export interface KeptText {
  read: () => Promise<string | null>
  /** Writes; null removes. */
  write(text: string | null): Promise<void>
}

/** Keeps a text under a key. Without a storage, or from its first failure on, in memory only. */
export function keepText(storage: TokenStorage | undefined, key: string): KeptText {
  let known: string | null = null
  let working = storage
  return {
    async read() {
      if (working === undefined) return known
      try {
        known = (await working.getItem(key)) ?? null
      } catch {
        // What was there a moment ago is the best guess, and logs nobody out.
        working = undefined
      }
      return known
    },
    async write(text) {
      known = text
      if (working === undefined) return
      try {
        await (text === null ? working.removeItem(key) : working.setItem(key, text))
      } catch {
        // It is full, or takes nothing at all. An old token left in it would end the session if another tab used it.
        const failed = working
        working = undefined
        await attempt(() => failed.removeItem(key))
      }
    },
  }
}

/** The storage of a name; undefined for memory, and where the platform has none or does not let us. */
export function storageNamed(name: 'memory' | 'localStorage' | 'sessionStorage'): TokenStorage | undefined {
  if (name === 'memory') return undefined
  try {
    return globalThis[name]
  } catch {
    // A browser that blocks cookies throws at the mere name.
    return undefined
  }
}

/** Does what may fail, and has been given up anyway. */
async function attempt(action: () => void | Promise<void>): Promise<void> {
  try {
    await action()
  } catch {
    // Nothing is left to do.
  }
}
