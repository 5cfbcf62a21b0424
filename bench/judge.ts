import type { Operation } from './operations.ts'
import { median, type Results, totalCpu } from './results.ts'
import type { SystemName } from './systems.ts'

/** One thing that has to hold, on any machine. */
export interface Check {
  what: string
  holds: boolean
  found: string
}

/** Times the processor time of the bare server, at the most: far above what is promised, as no machine is quiet. */
const FAR_OFF: Partial<Record<Operation, number>> = { refresh: 3, me: 3, put: 6 }

/** Looks at answers, at what is written, and at ratios that are far off. No time is judged. */
export function judge(results: Results, systems: SystemName[], operations: Operation[]): Check[] {
  const middle = (operation: Operation, of: (sample: ReturnType<Results['of']>[number]) => number) =>
    median(results.of('ours', operation).map(of))
  const checks: Check[] = []
  const check = (what: string, found: number, holds: boolean, digits = 2) =>
    checks.push({ what, holds, found: found.toFixed(digits) })

  for (const system of systems) {
    const wrong = operations.flatMap((operation) => results.of(system, operation).flatMap((sample) => sample.wrong))
    checks.push({ what: `${system}: every answer is right`, holds: wrong.length === 0, found: wrong[0] ?? 'all' })
  }
  if (operations.includes('refresh')) {
    const statements = middle('refresh', ({ statements: each }) => each)
    check('a refresh is at most 0.35 statements at 16 connections', statements, statements <= 0.35)
    const versions = middle('refresh', ({ updated }) => updated)
    check('a refresh is one row version', versions, versions > 0.9 && versions < 1.1)
    const inserted = middle('refresh', (sample) => sample.inserted)
    check('a refresh inserts nothing', inserted, inserted < 0.01)
    const hot = middle('refresh', ({ hotShare }) => hotShare)
    check('99 % of refreshes touch no index', hot, hot >= 0.99, 4)
    const wal = middle('refresh', ({ walBytes }) => walBytes)
    check('a refresh is at most 400 bytes of write-ahead log', wal, wal <= 400, 0)
  }
  if (operations.includes('me')) {
    const statements = middle('me', (sample) => sample.statements)
    check('GET /me is at most one statement', statements, statements <= 1.01)
    // Counts of rows come a second late, those of the log at once; the server's own heartbeat is in them.
    const written = middle('me', ({ walBytes }) => walBytes)
    check('GET /me writes nothing (bytes of the log)', written, written < 20, 1)
  }
  for (const operation of operations) {
    const most = FAR_OFF[operation]
    if (most === undefined || !systems.includes('bare')) continue
    const times = middle(operation, totalCpu) / median(results.of('bare', operation).map(totalCpu))
    check(`${operation} takes less than ${most} times the processor time of the bare server`, times, times < most)
  }
  return checks
}
