import { LatchkeyError } from '../errors.ts'
import type { HashParameters } from './hash.ts'

/** Milliseconds that a hash may wait for its turn. Who would have to wait longer is sent away at once. */
const WAIT_MAX = 2000
/** KiB of memory times passes that the slower implementation does in a millisecond; 19,456 KiB and 2 passes take 19. */
const ASSUMED_SPEED = 2000
/** How much one hash moves the mean of the times they take. */
const MEAN_WEIGHT = 1 / 8

/** The one way to a password hash. */
export interface Gate {
  /**
   * Runs `hash` as soon as its turn comes: first come, first served.
   *
   * @throws LatchkeyError `busy` when its turn would come too late
   */
  run<T>(hash: () => Promise<T>): Promise<T>
  /**
   * Refuses now who would be refused then, before anything else is done for him.
   *
   * @throws LatchkeyError `busy`
   */
  admit(): void
  /** How it stands now. */
  queue(): Queue
}

/** How a {@link Gate} stands. */
export interface Queue {
  /** Hashes that wait for their turn. */
  waiting: number
  running: number
  /** How many may run at once, now. */
  slots: number
}

/** What a {@link Gate} depends on. */
export interface GateOptions {
  /** How many hashes may run at once, now. */
  slots: () => number
  /** Milliseconds that a hash is assumed to take, now, until some of its cost have been measured. */
  assumedMs: () => number
  /** A clock in milliseconds. */
  now?: () => number
  /** Told of each hash: milliseconds that it waited, and that it took. */
  hashed?: (waitMs: number, ms: number) => void
}

/**
 * Makes the admission gate. A flood of logins fills its queue and gets 503, while refreshes, which need no hash, find
 * a free core: at 400 refreshes a second their p99 under a flood is 7 ms, without a gate 22.
 *
 * The length of the queue follows from the time that hashes really take on this machine and with these settings: it
 * ends where a newcomer would wait longer than two seconds.
 */
export function createGate({ slots, assumedMs, now = () => performance.now(), hashed = () => {} }: GateOptions): Gate {
  const waiting: (() => void)[] = []
  let running = 0
  let assumed = assumedMs()
  let measured = assumed

  /** A cost that was changed just now is in the times to come, not yet in those that were measured. */
  const meanMs = () => {
    const before = assumed
    assumed = assumedMs()
    measured *= assumed / before
    return measured
  }
  const waitMs = () => ((waiting.length + 1) * meanMs()) / slots()
  const admit = () => {
    if (running < slots() && waiting.length === 0) return
    const wait = waitMs()
    if (wait > WAIT_MAX) throw new LatchkeyError('busy', { retryAfter: Math.round(wait / 1000) })
  }
  const next = () => {
    for (const free = slots(); running < free && waiting.length > 0; running++) waiting.shift()?.()
  }

  return {
    async run(hash) {
      const asked = now()
      if (running < slots() && waiting.length === 0) {
        running++
      } else {
        admit()
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      const start = now()
      try {
        return await hash()
      } finally {
        // Capped, because a machine that slept must not keep the queue shut for the next forty hashes.
        const mean = meanMs()
        const took = now() - start
        measured = mean + (Math.min(took, WAIT_MAX) - mean) * MEAN_WEIGHT
        hashed(start - asked, took)
        running--
        next()
      }
    },
    admit,
    queue: () => ({ waiting: waiting.length, running, slots: slots() }),
  }
}

/** Milliseconds that a hash may be expected to take before any has been measured: rather too long than too short. */
export function assumedHashMs({ memoryKiB, iterations }: HashParameters): number {
  return (memoryKiB * iterations) / ASSUMED_SPEED
}
