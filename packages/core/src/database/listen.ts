import { Socket } from 'node:net'
import { Client } from 'pg'
import type { Log } from '../log.ts'

/** Milliseconds to wait for a connection, and for the answer to `listen`. */
const PATIENCE = 2500
/** Milliseconds between two tries; the first one is made at once. */
const PAUSE_MIN = 50
const PAUSE_MAX = 1000
/** Milliseconds after which a connection counts as one that worked. */
const STEADY = 1000
/** Milliseconds of silence before the system asks whether the other end is still there. */
const KEEP_ALIVE = 10_000
/** Milliseconds to wait for the goodbye of a connection. */
const GOODBYE = 500

/** What a {@link Listener} needs. */
export interface ListenOptions {
  url: string
  /** The channels of PostgreSQL. */
  channels: string[]
  log: Log
  /** Somebody has notified one of the channels. */
  onNotification: (channel: string, payload: string) => void
  /** It listens, for the first time or again: what was told meanwhile was lost. */
  onListening: () => void
}

/** A connection that waits for what others tell. */
export interface Listener {
  /** Whether it listens now, as far as it can know. */
  listening(): boolean
  /** Gives up the connection, which seems to be dead without saying so, for a new one. */
  reopen(): void
  /** Ends, within half a second. */
  close(): Promise<void>
}

/** One connection, from its first byte to its last. */
interface Connection {
  client: Client
  socket: Socket
  /** `performance.now()` when it began to listen. */
  since: number | undefined
}

/**
 * Listens on channels of PostgreSQL, on one connection of its own that it makes anew whenever it is lost: at once, then
 * with pauses of a second at the most. No fault of it ever ends the process.
 *
 * It needs a connection that stays with one session of the server: through a pooler in transaction mode it hears nothing.
 */
export function listen({ url, channels, log, onNotification, onListening }: ListenOptions): Listener {
  let current: Connection | undefined
  let timer: NodeJS.Timeout | undefined
  let failures = 0
  let closed = false

  const open = () => {
    // Its own socket, because only that can be dropped where the network is gone and nothing is ever answered.
    const socket = new Socket()
    const client = new Client({
      connectionString: url,
      application_name: 'latchkey listen',
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE,
      connectionTimeoutMillis: PATIENCE,
      query_timeout: PATIENCE,
      stream: () => socket,
    })
    const connection: Connection = { client, socket, since: undefined }
    current = connection
    const lost = (error?: unknown) => lose(connection, error)
    client.on('error', lost).on('end', () => lost())
    client.on('notification', ({ channel, payload = '' }) => {
      if (current === connection) onNotification(channel, payload)
    })
    begin(connection).catch(lost)
  }

  const begin = async (connection: Connection) => {
    const { client } = connection
    await client.connect()
    await client.query(channels.map((channel) => `listen ${client.escapeIdentifier(channel)}`).join('; '))
    if (current !== connection) return
    connection.since = performance.now()
    if (failures > 0) log.info({ channels }, 'listening to the database again')
    onListening()
  }

  const lose = (connection: Connection, error: unknown) => {
    if (current !== connection) return
    current = undefined
    connection.socket.destroy()
    if (closed) return
    if (connection.since !== undefined && performance.now() - connection.since > STEADY) failures = 0
    if (failures === 0) log.warn({ channels, err: error }, 'the listening connection is lost; connecting again')
    const pause = failures === 0 ? 0 : Math.min(PAUSE_MAX, PAUSE_MIN * 2 ** failures) * (0.5 + Math.random() / 2)
    failures++
    timer = setTimeout(open, pause).unref()
  }

  open()
  return {
    listening: () => current?.since !== undefined,
    reopen() {
      if (current?.since !== undefined) lose(current, new Error('it did not deliver'))
    },
    async close() {
      closed = true
      clearTimeout(timer)
      if (current === undefined) return
      const { client, socket } = current
      current = undefined
      await Promise.race([client.end().catch(() => {}), new Promise((resolve) => setTimeout(resolve, GOODBYE).unref())])
      socket.destroy()
    },
  }
}
