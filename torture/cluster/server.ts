import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { residentMemory } from './processes.ts'
import type { Wire } from './wire.ts'

/** One server of the cluster: a real process, built, as in production. */
export interface Server {
  readonly name: string
  readonly port: number
  readonly wire: Wire
  /** The highest resident memory that was seen of it, in MiB. */
  readonly memoryMax: number
  /** Whether a balancer sends it requests: it has said that it is ready, and nothing else since. */
  readonly inRotation: boolean
  start(extra?: StartOptions): Promise<void>
  /** Ends the process at once, and resolves when it is gone. */
  kill(): Promise<void>
  /** Asks it to end, and gives its exit code. */
  drain(): Promise<number | null>
  isReady(): Promise<boolean>
}

/** How one start differs from the others. */
export interface StartOptions {
  /** Milliseconds that the process's own clock is off by. */
  clockOffsetMs?: number
}

/** What {@link createServer} needs. */
export interface ServerOptions {
  name: string
  port: number
  wire: Wire
  /** A checkout, built. */
  build: string
  /** The folder for its log. */
  folder: string
  environment: Record<string, string>
  /** Told when the process ends and nobody has asked it to. */
  onDeath: (name: string, code: number | string) => void
}

const READY_EVERY_MS = 100
const CLOCK = new URL('clock-preload.mjs', import.meta.url).pathname

/** Makes a server that does not run yet. */
export function createServer({ name, port, wire, build, folder, environment, onDeath }: ServerOptions): Server {
  const log = createWriteStream(join(folder, `${name}.log`), { flags: 'a' })
  let child: ChildProcess | undefined
  const ending = new WeakSet<ChildProcess>()
  let inRotation = false
  let memoryMax = 0

  const isReady = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1000) }).catch(
      () => null,
    )
    await answer?.body?.cancel()
    return answer?.ok === true
  }
  const watch = async (watched: ChildProcess) => {
    const goesOn = () => watched === child && watched.exitCode === null && watched.signalCode === null
    while (goesOn()) {
      const ready = await isReady()
      if (watched === child) inRotation = ready
      memoryMax = Math.max(memoryMax, residentMemory(watched.pid ?? 0))
      await delay(READY_EVERY_MS)
    }
  }
  const gone = async (running: ChildProcess) => {
    if (running.exitCode === null && running.signalCode === null) await once(running, 'exit')
    if (child === running) child = undefined
    inRotation = false
  }
  return {
    name,
    port,
    wire,
    get memoryMax() {
      return memoryMax
    },
    get inRotation() {
      return inRotation
    },
    isReady,
    async start({ clockOffsetMs = 0 } = {}) {
      const shift = clockOffsetMs === 0 ? [] : ['--import', CLOCK]
      const started = spawn(process.execPath, [...shift, join(build, 'apps/server/dist/main.js')], {
        cwd: build,
        env: {
          PATH: process.env['PATH'] ?? '',
          TMPDIR: process.env['TMPDIR'] ?? '/tmp',
          ...(process.env['CI_RUN'] !== undefined && { CI_RUN: process.env['CI_RUN'] }),
          ...environment,
          PORT: String(port),
          DATABASE_URL: wire.url,
          TORTURE_CLOCK_OFFSET_MS: String(clockOffsetMs),
          // No name that begins as the server's own: it warns of those that it does not know.
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      started.stdout.pipe(log, { end: false })
      started.stderr.pipe(log, { end: false })
      child = started
      started.once('exit', (code, signal) => {
        if (child === started && !ending.has(started)) onDeath(name, code ?? signal ?? 0)
      })
      void watch(started)
      await delay(0)
    },
    async kill() {
      const running = child
      if (running === undefined) return
      ending.add(running)
      running.kill('SIGKILL')
      await gone(running)
    },
    async drain() {
      const running = child
      if (running === undefined) return 0
      ending.add(running)
      running.kill('SIGTERM')
      await gone(running)
      return running.exitCode
    },
  }
}
