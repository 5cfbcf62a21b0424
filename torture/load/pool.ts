import { type Connection, createConnection } from './connection.ts'

/** Connections that are used in turn. */
export interface Pool {
  /** One that is free; undefined when all are taken. Whoever has it gives it back. */
  take(): Connection | undefined
  giveBack(connection: Connection): void
  end(): void
}

/**
 * Makes connections as they are needed.
 *
 * @param max how many at most
 */
export function createPool(ports: number[], max: number): Pool {
  const open = new Set<Connection>()
  const idle: Connection[] = []
  let made = 0
  return {
    take() {
      // The one that was used last may have broken meanwhile.
      for (let waiting = idle.pop(); waiting !== undefined; waiting = idle.pop()) if (waiting.isFree) return waiting
      if (open.size >= max) return undefined
      const connection = createConnection(ports[made++ % ports.length] ?? 0, () => open.delete(connection))
      open.add(connection)
      return connection
    },
    giveBack: (connection) => void idle.push(connection),
    end() {
      for (const connection of open) connection.end()
    },
  }
}
