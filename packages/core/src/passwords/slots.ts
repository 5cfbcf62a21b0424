import { availableParallelism, totalmem } from 'node:os'
import type { HashParameters } from './hash.ts'

/** The share of the memory that all hashes together may take. */
const MEMORY_SHARE = 1 / 4
/**
 * Read once: it is asked for with each login that is turned away, and reading the files of the control group took an eighth
 * of what such a login costs. In a container the limit is its own; where there is none, the number is absurdly large or 0.
 */
const MEMORY_BYTES = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())
/** Statements of others a second below which a core need not be kept for them. */
const OTHERS_MAX = 20
/** Milliseconds over which they are counted at least. In a shorter window a single one would be a lot. */
const WINDOW_MS = 100

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
  const byMemory = (MEMORY_BYTES * MEMORY_SHARE) / (memoryKiB * 1024)
  return Math.max(1, Math.floor(Math.min(byCores, byMemory) / processes))
}

/** What {@link watchOthers} measures by. */
export interface Traffic {
  /** How much there was for others so far: statements that answer refreshes and reads. */
  count: () => number
  /** Milliseconds, from whenever. */
  now?: () => number
}

/**
 * Tells whether there was next to nothing to do for others of late. It is measured whenever somebody asks, that is when a
 * hash starts or ends, and costs the others nothing. Who has not asked for a while is told of the time since.
 *
 * Not by how busy the event loop is: beside hashes on all cores it seems busy, since it has to wait for one.
 */
export function watchOthers({ count, now = () => performance.now() }: Traffic): () => boolean {
  let measured = { at: now(), count: count() }
  let idle = true
  return () => {
    const at = now()
    const window = at - measured.at
    if (window < WINDOW_MS) return idle
    const next = { at, count: count() }
    idle = ((next.count - measured.count) * 1000) / window < OTHERS_MAX
    measured = next
    return idle
  }
}
