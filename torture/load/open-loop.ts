import { setTimeout as delay } from 'node:timers/promises'
import { type Connection, createConnection } from './connection.ts'

/** How requests come. */
export interface OpenLoop {
  ports: number[]
  /** Requests a second, whether those before are answered or not. */
  rate: number
  /** Milliseconds for which they come. */
  forMs: number
  /** Connections at most; what comes when all are taken is counted as `unsent`. */
  connectionsMax: number
  /** Sends one over a connection that is free. Undefined when there is nothing to send just now. */
  send: (connection: Connection) => Promise<void> | undefined
}

const TICK_MS = 2

/**
 * Sends requests at a fixed rate. @returns how many could not be sent, and how many broke off
 */
export async function openLoop({ ports, rate, forMs, connectionsMax, send }: OpenLoop): Promise<{
  unsent: number
  broken: number
}> {
  const open = new Set<Connection>()
  const idle: Connection[] = []
  const running = new Set<Promise<void>>()
  const counts = { unsent: 0, broken: 0 }
  let made = 0
  const free = () => {
    const waiting = idle.pop()
    if (waiting?.isFree === true) return waiting
    if (open.size >= connectionsMax) return undefined
    const connection = createConnection(ports[made++ % ports.length] ?? 0, () => open.delete(connection))
    open.add(connection)
    return connection
  }
  const ask = async (connection: Connection, answer: Promise<void>) => {
    try {
      await answer
      idle.push(connection)
    } catch {
      counts.broken++
    }
  }
  const began = performance.now()
  for (let sent = 0, passed = 0; passed < forMs; passed = performance.now() - began) {
    for (; sent < (passed * rate) / 1000; sent++) {
      const connection = free()
      const answer = connection && send(connection)
      if (connection === undefined || answer === undefined) {
        counts.unsent++
        if (connection !== undefined) idle.push(connection)
        continue
      }
      const one = ask(connection, answer).finally(() => running.delete(one))
      running.add(one)
    }
    await delay(TICK_MS)
  }
  await Promise.race([Promise.all(running), delay(4000)])
  for (const connection of open) connection.end()
  return counts
}
