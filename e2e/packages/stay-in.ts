import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { shellEnvironment } from '../machine.ts'
import type { Server } from '../server.ts'
import type { Consumer } from './consumer.ts'

/** What an app lived through that asked a service once a second. */
export interface Stayed {
  /** How often each event of the client came, and each status of the service. */
  readonly seen: Record<string, number>
  /** From its start to the last of these calls. */
  readonly seconds: number
  /** What the service answered to a token while the server was stopped. */
  readonly afterStop: string
}

/**
 * Runs the app and the service, each in a process of its own; after so many calls it stops the server, and has the app ask
 * the service once more.
 */
export async function stayIn({ folder }: Consumer, server: Server, calls: number): Promise<Stayed> {
  const started: Script[] = []
  const start = (...args: [script: string, ...string[]]) => {
    const script = startScript(folder, args)
    started.push(script)
    return script
  }
  try {
    const service = start('service.ts', server.url)
    const { port } = JSON.parse(await service.line()) as { port: number }
    const email = `${crypto.randomUUID()}@example.com`
    const began = performance.now()
    const app = start('app.ts', server.url, `http://127.0.0.1:${port}`, email, String(calls))
    const seen = JSON.parse(await app.line()) as Record<string, number>
    const seconds = (performance.now() - began) / 1000
    await server.stop()
    app.goOn()
    return { seen, seconds, afterStop: await app.line() }
  } finally {
    for (const script of started) script.kill()
    await server.stop()
  }
}

/** A process of the app. */
interface Script {
  /** The next line that it prints. */
  line(): Promise<string>
  /** What it waits for on its standard input. */
  goOn(): void
  kill(): void
}

function startScript(cwd: string, [script, ...args]: [script: string, ...string[]]): Script {
  const child = spawn(process.execPath, [join(cwd, script), ...args], {
    cwd,
    env: shellEnvironment(undefined),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const closed = once(child, 'close').then(([code]) => ({ done: true, value: `it ended with ${code}` }) as const)
  return {
    async line() {
      const { done, value } = await Promise.race([lines.next(), closed])
      if (done) throw new Error(`${script} prints nothing more: ${value}`)
      return value
    },
    goOn: () => void child.stdin.write('go on\n'),
    kill: () => void child.kill(),
  }
}
