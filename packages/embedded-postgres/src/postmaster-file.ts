import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Address } from './address.ts'

/** What postmaster.pid says. PostgreSQL writes it at the start, removes it at the end, and leaves it when it is killed. */
export interface PostmasterFile {
  readonly pid: number
  readonly address: Address
  readonly isReady: boolean
}

/** Reads postmaster.pid: a line each for pid, data, start, port, socket folder, address, shared memory and state. */
export function readPostmasterFile(data: string): PostmasterFile | undefined {
  let lines: string[]
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8')
      .split('\n')
      .map((line) => line.trim())
  } catch {
    return undefined
  }
  const [pid, , , port, socketFolder, listenAddress, , state] = lines
  return {
    pid: Number(pid),
    address: { host: socketFolder || listenAddress || '', port: Number(port) },
    isReady: state === 'ready',
  }
}

/**
 * Whether the process is the postmaster of these data. A pid alone proves nothing: it may belong to another process by
 * now, or to the postmaster of a folder that this one is a copy of.
 */
export function isPostmasterOf(data: string, pid: number): boolean {
  if (!isTaken(pid)) return false
  try {
    if (process.platform === 'linux') return isLinuxPostmasterOf(data, pid)
    if (process.platform === 'win32') return run('tasklist', '/nh', '/fi', `PID eq ${pid}`).includes('postgres.exe')
    return run('ps', '-ww', '-o', 'command=', '-p', String(pid)).includes(`-D ${data} -c `)
  } catch {
    return false
  }
}

/** A postmaster works in its data folder; compared by inode, so that a folder that was moved meanwhile is known again. */
function isLinuxPostmasterOf(data: string, pid: number): boolean {
  const [worksIn, folder] = [statSync(`/proc/${pid}/cwd`), statSync(data)]
  const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  return name === 'postgres' && worksIn.ino === folder.ino && worksIn.dev === folder.dev
}

/** Whether any process has the pid. */
export function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const run = (program: string, ...args: string[]): string => execFileSync(program, args, { encoding: 'utf8' })
