import { readFileSync } from 'node:fs'

/** The parent of a process. @throws Error when there is no such process */
export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The name in brackets may hold anything; state and parent come after it.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

/** Resident memory in MiB; 0 for a process that is gone. */
export function residentMemory(pid: number): number {
  try {
    const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
    return Number(kib) / 1024
  } catch {
    return 0
  }
}
