import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Done, Task } from './worker.ts'

const WORKER = new URL('worker.ts', import.meta.url)

/**
 * Loads servers from a thread of its own: what it measures is not held up by what clients of the run do.
 *
 * @returns what came of each phase, when it is over
 */
export async function* load(task: Task): AsyncGenerator<Done> {
  const worker = new Worker(WORKER, { workerData: task })
  let left = task.phasesMs.length
  for await (const [done] of on(worker, 'message') as AsyncIterable<[Done]>) {
    yield done
    if (--left === 0) break
  }
  await worker.terminate()
}
