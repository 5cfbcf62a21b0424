import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The server as a process of its own, with all that it says. */
export interface Started {
  readonly child: ChildProcess
  /** What it has printed so far. */
  readonly out: string
  readonly err: string
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>
  /** Waits until it has printed something like this, and gives the first group. @throws Error if it ends before */
  says(pattern: RegExp): Promise<string>
  /** Ends it at once, if it has not ended. */
  kill(): Promise<void>
}

/** Starts the server from its sources, with this environment and no other. */
export function startProcess(environment: Record<string, string>, args: string[] = []): Started {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@latchkey/source', main, ...args], {
    env: { PATH: process.env.PATH, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text))
  const ended = once(child, 'close').then(() => child.exitCode)
  return {
    child,
    ended,
    get out() {
      return said.out
    },
    get err() {
      return said.err
    },
    async says(pattern) {
      for (;;) {
        const found = pattern.exec(said.out + said.err)
        if (found !== null) return found[1] ?? found[0]
        const over = ended.then(() => 'over')
        const more = await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), over])
        if (more === 'over' && !pattern.test(said.out + said.err)) throw new Error(`it ended:\n${said.out}${said.err}`)
      }
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
