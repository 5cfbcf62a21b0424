import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { shellEnvironment } from '../machine.ts'
import type { Server } from '../server.ts'
import type { Consumer } from './consumer.ts'

/** What an app lived through that asked a service once a second. */
export interface Stayed {
  /** How often each event of the client came, and each status of the service. */
  readonly seen: Record<string, number>
  /** What the service answered to a token while the server was stopped. */
  readonly afterStop: string
}

/**
 * Runs the app and the service, each in a process of its own, for so many seconds; then stops the server, and has the app
 * ask the service once more.
 */
export async function stayIn({ folder }: Consumer, server: Server, seconds: number): Promise<Stayed> {
  const service = start(folder, 'service.ts', server.url)
  try {
    const { port } = JSON.parse(await service.line()) as { port: number }
    const email = `${crypto.randomUUID()}@example.com`
    const app = start(folder, 'app.ts', server.url, `http://127.0.0.1:${port}`, email, String(seconds))
    const seen = JSON.parse(await app.line()) as Record<string, number>
    await server.stop()
    app.child.stdin.write('go on\n')
    return { seen, afterStop: await app.line() }
  } finally {
    service.child.kill()
    await server.stop()
  }
}

/** A script of the app, and what it prints, line by line. */
function start(
  cwd: string,
  ...args: string[]
): { child: ChildProcessByStdio<Writable, Readable, null>; line(): Promise<string> } {
  const env = shellEnvironment(undefined)
  const child = spawn(process.execPath, args.with(0, join(cwd, args[0] ?? '')), {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const ended = once(child, 'exit').then(([code]) => ({ done: true, value: `ended with ${code}` }) as const)
  return {
    child,
    async line() {
      const { done, value } = await Promise.race([lines.next(), ended])
      if (done) throw new Error(`${args[0]} has nothing more to say: ${value}`)
      return value
    },
  }
}
