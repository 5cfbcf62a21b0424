import { pruneAudit } from './audit/prune.ts'
import type { Core } from './core.ts'
import { pruneInstances } from './instances/prune.ts'
import { pruneLimits } from './limits/prune.ts'
import { pruneSessions } from './sessions/prune.ts'
import { pruneStatistics } from './statistics/prune.ts'

/** Seconds between two rounds of an instance. Locks let one instance of the cluster do a part at a time. */
const INTERVAL = 600

/** Every part, and what it has done: nothing, where it is not worth a line in the log. */
const PARTS: { name: string; run: (core: Core, told: Set<string>) => Promise<object | undefined> }[] = [
  { name: 'sessions', run: async (core) => removed(await pruneSessions(core)) },
  { name: 'limits', run: async (core) => removed(await pruneLimits(core)) },
  { name: 'audit', run: async (core, told) => changed(await pruneAudit(core, told)) },
  { name: 'statistics', run: async (core) => removed(await pruneStatistics(core)) },
  { name: 'instances', run: async (core) => removed(await pruneInstances(core)) },
]

/**
 * Removes what is over, and makes room for what is to come: soon after the start, and then every so many seconds, at
 * moments that differ between instances. A part that fails is in the log once, until it fails differently or works
 * again; the others go on. Call what it returns to stop.
 */
export function keepMaintained(core: Core, interval: number = INTERVAL): () => void {
  const failing = new Map<string, string>()
  const told = new Set<string>()
  let stopped = false
  let timer: NodeJS.Timeout

  const runPart = async ({ name: part, run }: (typeof PARTS)[number]) => {
    try {
      const done = await run(core, told)
      failing.delete(part)
      if (done !== undefined) core.log.info({ part, ...done }, 'maintenance done')
    } catch (error) {
      const fault = faultOf(error)
      if (!stopped && failing.get(part) !== fault) {
        core.log.warn({ part, err: error }, 'maintenance failed; the next round tries again')
      }
      failing.set(part, fault)
    }
  }
  const later = (seconds: number) => {
    timer = setTimeout(() => void round(), seconds * 1000).unref()
  }
  const round = async () => {
    for (const part of PARTS) if (!stopped) await runPart(part)
    if (!stopped) later(interval * (0.5 + Math.random()))
  }
  later(interval * 0.1 * Math.random())
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

const removed = (count: number) => (count > 0 ? { removed: count } : undefined)

const changed = ({ made, dropped, deleted }: Awaited<ReturnType<typeof pruneAudit>>) =>
  made.length + dropped.length + deleted > 0 ? { made, dropped, deleted } : undefined

/** Its own words, or those of the database where it says no more than `unavailable`. */
function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
