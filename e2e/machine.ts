import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, dirname } from 'node:path'

/** The folder of the repository that these tests are in. */
export const REPOSITORY = new URL('..', import.meta.url).pathname.replace(/\/$/, '')

/** Who a command runs as. */
export interface User {
  readonly uid: number
  readonly gid: number
  readonly home: string
}

/**
 * The environment of a person at a shell: nothing of npm, vitest and our own Node, in which these tests run, and no
 * setting of a server.
 */
export function shellEnvironment(user: User | undefined): NodeJS.ProcessEnv {
  const ours = /^(npm_|VITEST|LATCHKEY_|TURBO_)|^(NODE|NODE_ENV|NODE_OPTIONS|TEST|MODE|DEV|PROD|SSR|BASE_URL|INIT_CWD)$/
  const serving = /^(PORT|HOST|DATABASE_URL|PUBLIC_URL)$/
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !ours.test(name) && !serving.test(name)),
  )
  const path = (env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
  return { ...env, PATH: path.join(delimiter), ...(user && { HOME: user.home, USER: undefined, LOGNAME: undefined }) }
}

/** A port that nobody listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Whether nobody but its owner can enter the folder that this one lies in. */
export function isPrivate(folder: string): boolean {
  return (statSync(dirname(folder)).mode & 0o077) === 0
}

/** One process of the system. */
export interface Process {
  readonly pid: number
  readonly name: string
}

/** All that a process has started, and what these have started, and so on. */
export function descendants(pid: number): Process[] {
  const all = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
  const table = all.flatMap((entry) => readProcess(Number(entry)) ?? [])
  const below = (parent: number): Process[] =>
    table.flatMap((each) => (each.parent === parent ? [each, ...below(each.pid)] : []))
  return below(pid)
}

/** Whether it still runs; one that only waits for its parent to notice does not. */
export function isAlive({ pid }: Process): boolean {
  const state = readProcess(pid)?.state
  return state !== undefined && state !== 'Z'
}

/** Undefined if it has ended meanwhile. */
function readProcess(pid: number): (Process & { parent: number; state: string }) | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { pid, name, state, parent: Number(parent) }
  } catch {
    return undefined
  }
}
