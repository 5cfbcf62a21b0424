import { availableParallelism } from 'node:os'

/** Threads for files and host names, which must not wait behind password hashes. */
const OTHERS = 4

/**
 * Gives libuv's pool a thread for each core and some more: password hashes run there, and by itself it has four. An
 * operator's own `UV_THREADPOOL_SIZE` stays. Only before the first use of the pool it is of any effect.
 */
export function sizeThreadPool(environment: NodeJS.ProcessEnv): void {
  environment.UV_THREADPOOL_SIZE ??= String(availableParallelism() + OTHERS)
}
