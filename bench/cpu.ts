import { readdirSync, readFileSync } from 'node:fs'

/** Of the clock that the kernel counts processor time by; it is the same on every Linux that Node runs on. */
const TICK_MS = 10

interface Process {
  pid: number
  parent: number
  /** Milliseconds of its own. */
  own: number
  /** Milliseconds of children that have ended. */
  ended: number
}

/** Milliseconds of processor time, user and system, that a process and all below it have used. */
export function cpuOf(root: number): number {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []))
  const below = (pid: number): number =>
    all.reduce((sum, each) => (each.parent === pid ? sum + each.own + each.ended + below(each.pid) : sum), 0)
  const self = readProcess(root)
  return (self?.own ?? 0) + (self?.ended ?? 0) + below(root)
}

/** The parent of a process. */
export function parentOf(pid: number): number {
  return readProcess(pid)?.parent ?? 0
}

/** The most resident memory that a process had, in MiB. */
export function memoryPeakOf(pid: number): number {
  const [, kib = '0'] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
  return Number(kib) / 1024
}

/** The resident memory of a process, in MiB. */
export function memoryOf(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
  return Number(kib) / 1024
}

function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [own = 0, ownSystem = 0, ended = 0, endedSystem = 0] = fields.slice(11, 15).map(Number)
    return {
      pid,
      parent: Number(fields[1]),
      own: (own + ownSystem) * TICK_MS,
      ended: (ended + endedSystem) * TICK_MS,
    }
  } catch {
    return undefined
  }
}
