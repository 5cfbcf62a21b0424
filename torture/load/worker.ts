import { parentPort, workerData } from 'node:worker_threads'
import type { Connection } from './connection.ts'
import { openLoop } from './open-loop.ts'

/** What a worker is to do; see `load.ts`. */
export type Task = { ports: number[]; rate: number; forMs: number } & (
  | { kind: 'logins' }
  | { kind: 'refreshes'; tokens: string[] }
)

/** What came of it. */
export interface Done {
  /** Milliseconds of each answer, by its status. */
  byStatus: Record<number, number[]>
  unsent: number
  broken: number
  /** The newest token of each session. */
  tokens: string[]
}

const CONNECTIONS_MAX = 600

async function work(task: Task): Promise<Done> {
  const byStatus: Record<number, number[]> = {}
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
  const { ports, rate, forMs } = task
  const counts = await openLoop({ ports, rate, forMs, connectionsMax: CONNECTIONS_MAX, send })
  return { byStatus, tokens, ...counts }
}

const done = await work(workerData as Task)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- this is no window
parentPort?.postMessage(done)
