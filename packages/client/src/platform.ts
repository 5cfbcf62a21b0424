import type { Channel, Environment, Locks } from './environment.ts'

/** What there may be: of browsers, workers, Node, Deno and React Native each lacks something. */
interface Platform extends Target {
  performance?: { now(): number }
  navigator?: { locks?: Locks }
  document?: Target & { visibilityState?: string }
  crypto?: { randomUUID?(): string }
  BroadcastChannel?: new (name: string) => Target & { postMessage(message: string): void; close(): void }
  Deno?: { unrefTimer(timer: unknown): void }
}

/** What events happen at. Some platforms have a global scope, or a `document`, where none do. */
interface Target {
  addEventListener?(type: string, listener: (event: object) => void): void
  removeEventListener?(type: string, listener: (event: object) => void): void
}

const platform = globalThis as Platform

/** Whether this is a page of a browser. */
export const isPage = (): boolean => platform.document !== undefined

/** The longest time that timers know; a longer one would pass at once. */
const TIMER_MAX = 2 ** 31 - 1

/** The runtime as it is. */
export function platformEnvironment(): Environment {
  return {
    monotonic: () => platform.performance?.now() ?? Date.now(),
    wallClock: () => Date.now(),
    setTimer(callback, milliseconds) {
      const timer = setTimeout(callback, Math.min(milliseconds, TIMER_MAX))
      return () => clearTimeout(timer)
    },
    setIdleTimer(callback, milliseconds) {
      const timer = setTimeout(callback, Math.min(milliseconds, TIMER_MAX))
      unref(timer)
      return () => clearTimeout(timer)
    },
    random: () => Math.random(),
    uuid,
    locks: platform.navigator?.locks,
    openChannel,
    onStorage: (key, listener) =>
      listen(platform, 'storage', (event) => {
        // Null when all of the storage was cleared.
        const changed: unknown = 'key' in event ? event.key : key
        if (changed === key || changed === null) listener()
      }),
    onWake(listener) {
      const ends = [
        listen(platform.document, 'visibilitychange', listener),
        listen(platform.document, 'resume', listener),
        listen(platform, 'pageshow', listener),
      ]
      return () => ends.forEach((end) => end())
    },
    onOnline: (listener) => listen(platform, 'online', listener),
    isVisible: () => platform.document?.visibilityState === 'visible',
  }
}

/** Pages of plain http have no `randomUUID`, and React Native no `crypto`. Whoever knows a key needs the token, too. */
function uuid(): string {
  return (
    platform.crypto?.randomUUID?.() ??
    'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replaceAll('x', () => Math.floor(Math.random() * 16).toString(16))
  )
}

function openChannel(name: string): Channel | undefined {
  try {
    if (platform.BroadcastChannel === undefined) return undefined
    const channel = new platform.BroadcastChannel(name)
    return {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no other origins
      post: (message) => channel.postMessage(message),
      onMessage(listener) {
        listen(channel, 'message', (event) => listener('data' in event ? String(event.data) : ''))
        unref(channel)
      },
      close: () => channel.close(),
    }
  } catch {
    // A page without an origin of its own may not.
    return undefined
  }
}

/** In Node timers and channels keep the process alive unless they are told not to; in Deno timers do. */
function unref(handle: unknown): void {
  if (typeof handle !== 'object' || handle === null) platform.Deno?.unrefTimer(handle)
  else if ('unref' in handle && typeof handle.unref === 'function') handle.unref()
}

/** Gives what ends it. */
function listen(target: Target | undefined, type: string, listener: (event: object) => void): () => void {
  target?.addEventListener?.(type, listener)
  return () => target?.removeEventListener?.(type, listener)
}
