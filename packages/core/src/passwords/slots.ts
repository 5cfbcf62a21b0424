import { availableParallelism, totalmem } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { HashParameters } from './hash.ts'

/** The share of the memory that all hashes together may take. */
const MEMORY_SHARE = 1 / 4
/** The event loop is idle while it works less than this share of the time: a login itself takes far less. */
const IDLE_MAX = 0.1
/** Milliseconds over which its work is measured at least. In a shorter window a single request would be a lot. */
const WINDOW_MS = 50

/** What the hashes may have of this machine. */
export interface Room {
  /** Whether nothing else asks for a core. */
  idle: boolean
  /** How many processes share this machine evenly. */
  processes: number
  /** How many cores it has; by default what this process may use. */
  cores?: number
}

/**
 * How many hashes this process may run at once: all its cores while they have nothing else to do, one fewer as soon as
 * they have, and a quarter of the memory at most. One always may.
 */
export function hashSlots(
  { memoryKiB, parallelism }: HashParameters,
  { idle, processes, cores = availableParallelism() }: Room,
): number {
  const byCores = (idle ? cores : cores - 1) / parallelism
  // In a container the limit is its own; where there is none, the number is absurdly large or 0.
  const memoryBytes = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())
  const byMemory = (memoryBytes * MEMORY_SHARE) / (memoryKiB * 1024)
  return Math.max(1, Math.floor(Math.min(byCores, byMemory) / processes))
}

/** What {@link watchEventLoop} measures by. */
export interface EventLoopClock {
  /** Milliseconds that the event loop has worked so far. */
  active?: () => number
  /** Milliseconds, from whenever. */
  now?: () => number
}

/**
 * Tells whether the event loop was idle of late. It is measured whenever somebody asks, that is when a hash starts or
 * ends, and costs other requests nothing. Who has not asked for a while is told of the time since.
 */
export function watchEventLoop({
  active = activeMs,
  now = () => performance.now(),
}: EventLoopClock = {}): () => boolean {
  let measured = { at: now(), active: active() }
  // A start is busy.
  let idle = false
  return () => {
    const at = now()
    const window = at - measured.at
    if (window < WINDOW_MS) return idle
    const next = { at, active: active() }
    idle = (next.active - measured.active) / window < IDLE_MAX
    measured = next
    return idle
  }
}

const activeMs = () => performance.eventLoopUtilization().active
