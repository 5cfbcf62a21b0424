import { setTimeout as delay } from 'node:timers/promises'
import type { Connection } from './connection.ts'
import type { Pool } from './pool.ts'

/** How requests come. */
export interface OpenLoop {
  pool: Pool
  /** Requests a second, whether those before are answered or not. */
  rate: number
  /** Milliseconds for which they come. */
  forMs: number
  /** Sends one over a connection that is free. Undefined when there is nothing to send just now. */
  send: (connection: Connection) => Promise<void> | undefined
}

const TICK_MS = 2
/** How long the last answers are waited for. */
const LAST_MS = 4000

/** Sends requests at a fixed rate. @returns how many could not be sent, because all waited still, and how many broke off */
export async function openLoop({ pool, rate, forMs, send }: OpenLoop): Promise<{ unsent: number; broken: number }> {
  const running = new Set<Promise<void>>()
  const counts = { unsent: 0, broken: 0 }
  const ask = async (connection: Connection, answer: Promise<void>) => {
    try {
      await answer
      pool.giveBack(connection)
    } catch {
      counts.broken++
    }
  }
  const began = performance.now()
  for (let sent = 0, passed = 0; passed < forMs; passed = performance.now() - began) {
    for (; sent < (passed * rate) / 1000; sent++) {
      const connection = pool.take()
      const answer = connection && send(connection)
      if (connection === undefined || answer === undefined) {
        counts.unsent++
        if (connection !== undefined) pool.giveBack(connection)
        continue
      }
      const one = ask(connection, answer).finally(() => running.delete(one))
      running.add(one)
    }
    await delay(TICK_MS)
  }
  await Promise.race([Promise.all(running), delay(LAST_MS)])
  return counts
}
