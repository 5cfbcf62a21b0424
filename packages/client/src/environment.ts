/**
 * All that the client asks of the runtime it lives in. What a platform lacks is undefined, or does nothing, and the
 * client does without. Tests and simulators give their own.
 */
export interface Environment {
  /** Milliseconds since some moment, never set back. May stand still while the device sleeps. */
  monotonic(): number
  /** Milliseconds since 1970 by the clock of the device, which may be wrong, and may be set. */
  wallClock(): number
  /** Calls once after so many milliseconds; gives what calls it off. For what somebody waits for. */
  setTimer(callback: () => void, milliseconds: number): () => void
  /** The same for what nobody waits for: it keeps no process alive. */
  setIdleTimer(callback: () => void, milliseconds: number): () => void
  /** From 0 up to 1. */
  random(): number
  /** A new UUID. */
  uuid(): string
  /** Where all tabs of an origin take turns: `navigator.locks`. */
  locks: Locks | undefined
  /** Opens a way to all other tabs, by `BroadcastChannel`; undefined where there is none. */
  openChannel(name: string): Channel | undefined
  /** Calls when another tab has changed this key of `localStorage`; gives what ends it. */
  onStorage(key: string, listener: () => void): () => void
  /** Calls when the page is seen again, or comes back to life; gives what ends it. */
  onWake(listener: () => void): () => void
  /** Calls when the network is back; gives what ends it. */
  onOnline(listener: () => void): () => void
  /** Whether somebody sees the page; false where there is none. */
  isVisible(): boolean
}

/** The part of `navigator.locks` that is used. */
export interface Locks {
  /** Calls when it is this one's turn; rejects when `signal` is aborted before. */
  request<T>(name: string, options: { signal: AbortSignal }, callback: () => Promise<T>): Promise<T>
}

/** The part of `BroadcastChannel` that is used. No secret goes over it. */
export interface Channel {
  post(message: string): void
  onMessage(listener: (message: string) => void): void
  close(): void
}
