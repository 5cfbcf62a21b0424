import type { Environment } from '../environment.ts'

/** By this a process knows that it is a worker. It begins as no variable of ours: operators have no business with it. */
const VARIABLE = '_LATCHKEY_WORKER'
/** What a worker tells its supervisor once it serves. */
const READY = 'ready'

/** One of several processes that serve one port. */
export interface Worker {
  /** From 1. */
  number: number
  /** Whether it tells whoever started all of this that it is ready, and where. */
  announces: boolean
}

/** The environment of a worker to be started. */
export function workerVariables({ number, announces }: Worker): NodeJS.ProcessEnv {
  return { [VARIABLE]: `${number}${announces ? ' announces' : ''}` }
}

/** Which worker this process is; undefined where it is none. */
export function readWorker(variables: NodeJS.ProcessEnv): Worker | undefined {
  const [, number, announces] = /^(\d+)( announces)?$/.exec(variables[VARIABLE] ?? '') ?? []
  return number === undefined ? undefined : { number: Number(number), announces: announces !== undefined }
}

/** Tells the supervisor, if there is one, that this process serves. */
export function tellReady(): void {
  process.send?.(READY)
}

/** Whether a message of a worker says that it serves. */
export const saysReady = (message: unknown): boolean => message === READY

/**
 * What a worker makes of the environment of all: its share of the connections of clients, a name of its own, and a port of
 * its own for metrics, one up for each.
 */
export function shareOf(environment: Environment, { number }: Worker, host: string): Environment {
  const { workers, connectionsMax, instanceName, port, metricsPort } = environment
  return {
    ...environment,
    connectionsMax: Math.max(1, Math.ceil(connectionsMax / workers)),
    instanceName: `${instanceName ?? `${host}:${port}`}#${number}`,
    ...(metricsPort !== undefined && metricsPort > 0 && { metricsPort: metricsPort + number - 1 }),
  }
}
