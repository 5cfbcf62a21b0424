import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Done, Task } from './worker.ts'

const WORKER = new URL('worker.ts', import.meta.url)

/** Loads servers from a thread of its own: what it measures is not held up by what clients of the run do. */
export async function load(task: Task): Promise<Done> {
  const worker = new Worker(WORKER, { workerData: task })
  const [done] = (await once(worker, 'message')) as [Done]
  return done
}
