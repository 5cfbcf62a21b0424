import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { System } from './systems.ts'

const CHECKOUT = new URL('..', import.meta.url).pathname
const READY_WITHIN_MS = 30_000

/** A system that runs. */
export interface Server {
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

/** Starts a system on a database. What it logs goes to a file, as in production. @throws Error when it does not come up */
export async function startServer(name: string, system: System, databaseUrl: string): Promise<Server> {
  const port = await freePort()
  const log = openSync(join(tmpdir(), `latchkey-bench-${process.pid}-${name}.log`), 'w')
  const child = spawn(process.execPath, [...(system.flags ?? []), join(CHECKOUT, system.script)], {
    cwd: CHECKOUT,
    env: { PATH: process.env['PATH'] ?? '', ...system.environment(databaseUrl, port) },
    stdio: ['ignore', log, log],
  })
  await answered(child, port, `${name} does not come up`)
  return {
    pid: child.pid ?? 0,
    port,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 11_000)
      await once(child, 'exit')
      clearTimeout(late)
    },
  }
}

/** Milliseconds from the start of a process to its first ready answer, on a database that it knows. */
export async function startTime(name: string, system: System, databaseUrl: string): Promise<number> {
  const began = performance.now()
  const server = await startServer(name, system, databaseUrl)
  const took = performance.now() - began
  await server.stop()
  return took
}

/** Whether it answers, and ours, which opens its port early, says that it is ready. */
async function answered(child: ChildProcess, port: number, complaint: string): Promise<void> {
  for (const since = performance.now(); performance.now() - since < READY_WITHIN_MS; await delay(10)) {
    if (child.exitCode !== null) throw new Error(`${complaint}: it ended with code ${child.exitCode}`)
    if (!(await accepts(port))) continue
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer !== undefined && answer.status !== 503) return
  }
  throw new Error(complaint)
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
