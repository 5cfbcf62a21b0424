import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { SystemUser } from '../system-user.ts'
import type { Said } from './owner.ts'

/** A process of its own that uses the server of a data directory. */
export interface Owner {
  readonly process: ChildProcess
  /** Its URL, once it has started it. */
  url(): Promise<string>
  /** The next thing it says: see owner.ts. */
  said(): Promise<Said>
  /** Has it stop its use, and waits until it has ended. */
  stop(): Promise<void>
  /** Sends a signal to it alone, or to its process group as a terminal does, and waits until it has ended. */
  kill(signal: NodeJS.Signals, whom?: 'alone' | 'group'): Promise<void>
}

export interface OwnerOptions {
  readonly user?: SystemUser | undefined
  readonly env?: NodeJS.ProcessEnv
}

const SCRIPT = fileURLToPath(new URL('owner.ts', import.meta.url))

export function startOwner(dataDir: string, { user, env }: OwnerOptions = {}): Owner {
  const child = spawn(process.execPath, [SCRIPT, dataDir], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
    ...(user && { uid: user.uid, gid: user.gid }),
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = once(child, 'exit')
  const said = async (): Promise<Said> => {
    const { value } = await lines.next()
    if (value === undefined) throw new Error('the owner ended without a word')
    return JSON.parse(value) as Said
  }
  return {
    process: child,
    said,
    async url() {
      const first = await said()
      if ('url' in first) return first.url
      throw new Error(JSON.stringify(first))
    },
    async stop() {
      child.stdin.write('stop\n')
      await ended
    },
    async kill(signal, whom = 'alone') {
      if (child.exitCode !== null || child.signalCode !== null) return
      process.kill(whom === 'group' ? -child.pid! : child.pid!, signal)
      await ended
    },
  }
}
