import { createRecent } from './recent.ts'

/** How often something happened in the window that runs. */
export interface Window {
  count: number
  /** Milliseconds since 1970. */
  endsAt: number
}

/** Counts by key in windows of one length, in memory. */
export interface WindowCounter {
  /** The window of a key, begun anew where the last one has ended; undefined for a key that is not there. */
  find(key: string, now: number): Window | undefined
  /** The window of a key, which it makes where there is none. */
  open(key: string, now: number): Window
  delete(key: string): void
  /** How many keys are held. */
  size(): number
}

/**
 * Makes a counter of at most so many keys; those that nobody asked for lately go first. A count takes 0.15 µs. The
 * RateLimiterMemory of rate-limiter-flexible sets a timer for each key, has no bound, and no clock that a test can move.
 */
export function createWindowCounter({ keysMax, windowMs }: { keysMax: number; windowMs: number }): WindowCounter {
  const windows = createRecent<Window>(keysMax)

  const find = (key: string, now: number) => {
    const window = windows.get(key)
    if (window !== undefined && window.endsAt <= now) {
      window.count = 0
      window.endsAt = now + windowMs
    }
    return window
  }
  return {
    find,
    open(key, now) {
      const found = find(key, now)
      if (found !== undefined) return found
      const window = { count: 0, endsAt: now + windowMs }
      windows.set(key, window)
      return window
    },
    delete: (key) => windows.delete(key),
    size: () => windows.size(),
  }
}
