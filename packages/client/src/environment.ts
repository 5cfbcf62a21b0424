/**
 * All that the client asks of the runtime it lives in. Whatever is missing on a platform is undefined, and the client
 * does without. Tests and simulators give their own.
 */
export interface Environment {
  /** Milliseconds since some moment, never set back. It may stand still while the device sleeps. */
  monotonic(): number
  /** Milliseconds since 1970 by the clock of the device. It may be wrong, and it may be set. */
  wallClock(): number
  /** Calls once after so many milliseconds; gives what calls it off. It keeps no process alive. */
  setTimer(callback: () => void, milliseconds: number): () => void
  /** From 0 up to 1. */
  random(): number
  /** A new UUID. */
  uuid(): string
  /** Where all tabs of an origin take turns: `navigator.locks`. */
  locks: Locks | undefined
  /** Opens a way to all other tabs: `BroadcastChannel`. */
  openChannel: ((name: string) => Channel) | undefined
  /** Calls when another tab has written to `localStorage` under this key; gives what ends it. */
  onStorage(key: string, listener: () => void): () => void
  /** Calls when the page may have missed something: it is seen again, was thawed, or the device woke; gives what ends it. */
  onWake(listener: () => void): () => void
  /** Calls when the network is back; gives what ends it. */
  onOnline(listener: () => void): () => void
  /** Whether somebody can see the page; false where there is none. */
  isVisible(): boolean
}

/** The part of `navigator.locks` that is used. */
export interface Locks {
  request<T>(name: string, options: { signal: AbortSignal }, callback: () => Promise<T>): Promise<T>
}

/** The part of `BroadcastChannel` that is used. Nothing secret goes over it. */
export interface Channel {
  post(message: string): void
  onMessage(listener: (message: string) => void): void
  close(): void
}
