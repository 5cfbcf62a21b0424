import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Environment } from '../environment.ts'
import { StartError } from '../start-error.ts'
import { stopSignal } from '../stop-signal.ts'
import { holdPort } from './hold-port.ts'
import { saysReady, workerVariables } from './worker.ts'

/** A worker that ends sooner than this after its start has failed again. */
const LIVED_MS = 10_000
/** So often, one after the other. */
const FAILURES_MAX = 5
const PAUSE_MS = 200
/** Longer than a worker drains (9 s), shorter than service managers wait: one that hangs is killed then. */
const KILL_MS = 9800

/** What {@link supervise} needs. */
export interface Supervising {
  environment: Pick<Environment, 'workers' | 'host' | 'port'>
  log: Logger
}

/**
 * Serves by several processes on one port, which the kernel spreads connections over. This process only looks after them: it
 * starts the first, and once that serves the others; starts again what ends; and when it is to stop, has all of them drain.
 *
 * @throws StartError when the port cannot be had, a worker cannot start, or one ends again and again
 */
export async function supervise({ environment: { workers, host, port: wanted }, log }: Supervising): Promise<void> {
  const stop = stopSignal(log)
  const held = await holdPort(host, wanted)
  try {
    await keepAll({ workers, port: held.port, log, stop })
  } finally {
    held.release()
  }
}

/** Keeps all of them running until `stop`. @throws StartError when one cannot be kept */
async function keepAll({ workers, port, log, stop }: Together): Promise<void> {
  const giveUp = new AbortController()
  const ending = AbortSignal.any([stop, giveUp.signal])
  const numbers = Array.from({ length: workers }, (_, i) => i + 1)
  let failure: Error | undefined
  const keep = (number: number, onReady?: () => void) =>
    keepWorker({ number, port, log, ending, ...(onReady && { onReady }) }).catch((error: unknown) => {
      failure ??= error instanceof Error ? error : new Error(String(error))
      giveUp.abort()
    })
  const first = Promise.withResolvers<void>()
  const others = async (number: number) => {
    await Promise.race([first.promise, aborted(ending)])
    await keep(number)
  }
  const all = numbers.map((number) => (number === 1 ? keep(number, first.resolve) : others(number)))
  await Promise.all(all)
  if (failure !== undefined && !stop.aborted) throw failure
}

interface Together {
  workers: number
  port: number
  log: Logger
  stop: AbortSignal
}

interface Keeping {
  number: number
  port: number
  log: Logger
  ending: AbortSignal
  /** Called when it serves for the first time. */
  onReady?: () => void
}

/** Keeps one worker running until the end, and then waits until it has drained. @throws StartError when it cannot be kept */
async function keepWorker({ number, port, log, ending, onReady = () => {} }: Keeping): Promise<void> {
  let hasServed = false
  for (let failures = 0; !ending.aborted; ) {
    const began = performance.now()
    const announces = number === 1 && !hasServed
    const child = start(number, port, announces)
    child.on('message', (message) => {
      if (!saysReady(message)) return
      hasServed = true
      onReady()
    })
    const code = await ended(child, ending, () =>
      log.error({ worker: number }, 'a worker did not end in time: it is killed'),
    )
    if (ending.aborted) return
    if (!hasServed && code === 1) throw new StartError('A worker could not start: it has said why.')
    failures = performance.now() - began < LIVED_MS ? failures + 1 : 1
    log.error({ worker: number, code }, 'a worker has ended: starting it again')
    if (failures >= FAILURES_MAX)
      throw new StartError(`Worker ${number} has ended ${failures} times, each soon after its start.`)
    await delay(PAUSE_MS * failures, undefined, { signal: ending }).catch(() => {})
  }
}

function start(number: number, port: number, announces: boolean): ChildProcess {
  return fork(process.argv[1] ?? '', ['serve'], {
    execArgv: process.execArgv,
    env: { ...process.env, PORT: String(port), ...workerVariables({ number, announces }) },
  })
}

/**
 * Waits for its end; once all is to end, has it drain. Not by a signal: a terminal signals the whole group, and to a worker that
 * notices late a second one would mean to end at once.
 *
 * @returns its exit code, or the signal that has ended it
 */
async function ended(child: ChildProcess, ending: AbortSignal, onHanging: () => void): Promise<number | string> {
  let hanging: NodeJS.Timeout | undefined
  const drain = () => {
    if (child.connected) child.disconnect()
    hanging = setTimeout(() => {
      onHanging()
      child.kill('SIGKILL')
    }, KILL_MS)
  }
  if (ending.aborted) drain()
  else ending.addEventListener('abort', drain)
  try {
    const [code, signal] = await once(child, 'exit')
    return code ?? signal
  } finally {
    clearTimeout(hanging)
    ending.removeEventListener('abort', drain)
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
