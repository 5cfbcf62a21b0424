import { setTimeout as delay } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { Connection } from './connection.ts'
import { openLoop } from './open-loop.ts'
import { createPool, type Pool } from './pool.ts'

/** What a worker is to do; see `load.ts`. */
export type Task = {
  ports: number[]
  rate: number
  /** Connections at most. */
  connections: number
  /** Milliseconds, phase after phase over the same connections; what came of each is told at its end. */
  phasesMs: number[]
} & ({ kind: 'logins' } | { kind: 'refreshes'; tokens: string[] })

/** What came of a phase. */
export interface Done {
  /** Milliseconds of each answer, by its status. */
  byStatus: Record<number, number[]>
  unsent: number
  broken: number
}

const OPEN_WITHIN_MS = 500

async function work(task: Task, tell: (done: Done) => void): Promise<void> {
  let byStatus: Record<number, number[]> = {}
  const tokens = task.kind === 'refreshes' ? [...task.tokens] : []
  /** Sessions that wait for no answer; the one that has waited longest is next. */
  const idle = tokens.map((_, place) => place)
  let guesses = 0

  const post = async (connection: Connection, path: string, sent: object) => {
    const began = performance.now()
    const { status, body } = await connection.post(path, sent)
    ;(byStatus[status] ??= []).push(performance.now() - began)
    return { status, body }
  }
  const guess = async (connection: Connection) => {
    const email = `nobody-${++guesses % 500}@example.com`
    await post(connection, '/api/login', { email, password: 'whatever is guessed' })
  }
  const refresh = async (connection: Connection, place: number) => {
    try {
      const { status, body } = await post(connection, '/api/refresh', { refresh_token: tokens[place] })
      if (status === 200) tokens[place] = /"refresh_token":"([^"]+)"/.exec(body)?.[1] ?? ''
    } finally {
      idle.push(place)
    }
  }
  const send = (connection: Connection) => {
    if (task.kind === 'logins') return guess(connection)
    const place = idle.shift()
    return place === undefined ? undefined : refresh(connection, place)
  }
  const pool = createPool(task.ports, task.connections)
  if (task.kind === 'refreshes') await openAll(pool)
  for (const forMs of task.phasesMs) {
    byStatus = {}
    const counts = await openLoop({ pool, rate: task.rate, forMs, send })
    tell({ byStatus, ...counts })
  }
  pool.end()
}

/**
 * Opens all connections. A server accepts one each time round, however many wait: what is to be measured in a flood of new
 * ones are clients that have theirs, or come by a proxy that has.
 */
async function openAll(pool: Pool): Promise<void> {
  const taken: Connection[] = []
  for (let connection = pool.take(); connection !== undefined; connection = pool.take()) taken.push(connection)
  await delay(OPEN_WITHIN_MS)
  for (const connection of taken) pool.giveBack(connection)
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- this is no window
await work(workerData as Task, (done) => parentPort?.postMessage(done))
