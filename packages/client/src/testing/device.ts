import type { Channel, Environment, Locks } from '../environment.ts'
import type { TokenStorage } from '../token-storage.ts'
import type { SimulatedTime } from './time.ts'

/** What a device has, or has not. */
export interface DeviceOptions {
  time: SimulatedTime
  /** How far its clock is off, in milliseconds. */
  clockError?: number
  /** From 0 up to 1; always the middle by default. */
  random?: () => number
  /** What its browser has: all by default. */
  has?: { locks?: boolean; channels?: boolean }
}

/** A browser on a device: one storage and one clock, and tabs. */
export interface Device {
  /** What lies in `localStorage`. */
  stored: Map<string, string>
  openTab(): Tab
  /** Closes the lid: time goes on, the monotonic clock and all timers stand still. */
  sleep(): void
  /** Opens it: what was due happens, and pages that are seen are told. */
  wake(): void
  /** Sets the clock, by so many milliseconds. */
  setClock(by: number): void
  /** Tells all pages that the network is back. */
  goOnline(): void
}

/** One page. */
export interface Tab {
  environment: Environment
  /** `localStorage`, as this page sees it. */
  storage: TokenStorage
  show: () => void
  hide: () => void
}

interface Page {
  isVisible: boolean
  channel: ((message: string) => void) | undefined
  onStorage: (() => void) | undefined
  onWake: Set<() => void>
  onOnline: Set<() => void>
}

/** Makes a device in simulated time. */
export function createDevice({ time, clockError = 0, random = () => 0.5, has = {} }: DeviceOptions): Device {
  const stored = new Map<string, string>()
  const pages = new Set<Page>()
  const timers = new Set<{ at: number; callback: () => void }>()
  const locks = createLocks()
  let error = clockError
  let uuids = 0
  let slept = 0
  let asleepSince: number | undefined

  const monotonic = () => (asleepSince ?? time.now()) - slept
  const first = () => [...timers].toSorted((a, b) => a.at - b.at)[0]

  time.join({
    nextAt: () => (asleepSince === undefined ? (first()?.at ?? Infinity) + slept : Infinity),
    fireNext() {
      const timer = first()
      if (timer === undefined) return
      timers.delete(timer)
      timer.callback()
    },
  })

  const setTimer = (callback: () => void, milliseconds: number) => {
    const timer = { at: monotonic() + milliseconds, callback }
    timers.add(timer)
    return () => void timers.delete(timer)
  }

  const others = (page: Page) => [...pages].filter((other) => other !== page)

  function openTab(): Tab {
    const page: Page = {
      isVisible: true,
      channel: undefined,
      onStorage: undefined,
      onWake: new Set(),
      onOnline: new Set(),
    }
    pages.add(page)
    const tellOthers = () => others(page).forEach(({ onStorage }) => onStorage && queueMicrotask(onStorage))
    const openChannel = (): Channel => ({
      post: (message) => others(page).forEach(({ channel }) => channel && queueMicrotask(() => channel(message))),
      onMessage: (listener) => void (page.channel = listener),
      close: () => void (page.channel = undefined),
    })
    return {
      environment: {
        monotonic,
        wallClock: () => 1_800_000_000_000 + time.now() + error,
        setTimer,
        setIdleTimer: setTimer,
        random,
        uuid: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, '0')}`,
        locks: has.locks === false ? undefined : locks,
        openChannel: () => (has.channels === false ? undefined : openChannel()),
        onStorage(_, listener) {
          page.onStorage = listener
          return () => void (page.onStorage = undefined)
        },
        onWake: (listener) => join(page.onWake, listener),
        onOnline: (listener) => join(page.onOnline, listener),
        isVisible: () => page.isVisible,
      },
      storage: {
        getItem: (key) => stored.get(key) ?? null,
        setItem(key, value) {
          stored.set(key, value)
          tellOthers()
        },
        removeItem(key) {
          if (stored.delete(key)) tellOthers()
        },
      },
      show() {
        page.isVisible = true
        page.onWake.forEach((listener) => listener())
      },
      hide() {
        page.isVisible = false
      },
    }
  }

  return {
    stored,
    openTab,
    sleep() {
      asleepSince ??= time.now()
    },
    wake() {
      slept += time.now() - (asleepSince ?? time.now())
      asleepSince = undefined
      for (const page of pages) if (page.isVisible) page.onWake.forEach((listener) => listener())
    },
    setClock(by) {
      error += by
    },
    goOnline() {
      for (const page of pages) page.onOnline.forEach((listener) => listener())
    },
  }
}

/** Turns in the order in which they were asked for, as `navigator.locks` gives them. */
function createLocks(): Locks {
  const queues = new Map<string, Promise<unknown>>()
  return {
    request<T>(name: string, { signal }: { signal: AbortSignal }, callback: () => Promise<T>): Promise<T> {
      const before = queues.get(name) ?? Promise.resolve()
      const turn = takeTurn(before, signal, callback)
      queues.set(
        name,
        turn.catch(() => {}),
      )
      const aborted = new Promise<never>((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      )
      return Promise.race([turn, aborted])
    },
  }
}

async function takeTurn<T>(before: Promise<unknown>, signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  await before
  signal.throwIfAborted()
  return await action()
}

function join(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
