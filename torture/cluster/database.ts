import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type EmbeddedPostgres, removeDataDir, startEmbeddedPostgres } from '@latchkey/embedded-postgres'
import { Client } from 'pg'
import { parentOf } from './processes.ts'

/** Durable, unlike what tests run on: what was answered with success has to be there after a crash. */
const SETTINGS = { max_connections: '100', synchronous_commit: 'on', fsync: 'on', full_page_writes: 'on' }

/** The PostgreSQL of the cluster, a real one, with data on disk. */
export interface Database {
  readonly url: string
  /** A new connection past all wires. Whoever asks for it ends it. */
  connect(): Promise<Client>
  /** Runs one statement past all wires. */
  query<Row>(text: string, values?: unknown[]): Promise<Row[]>
  /** Kills one of its processes, as a lack of memory would: it ends all others and recovers from its log. */
  killBackend(): Promise<void>
  /** Ends it without a word to anybody, and starts it again after so many milliseconds. */
  crash(awayMs: number): Promise<void>
  /** Stops it and removes its data. */
  stop(): Promise<void>
}

/** Starts an empty one in a folder of its own. */
export async function startDatabase(): Promise<Database> {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-torture-'))
  const start = () => startEmbeddedPostgres({ dataDir, settings: SETTINGS })
  let postgres: EmbeddedPostgres = await start()

  const connect = async () => {
    const client = new Client({ connectionString: postgres.url })
    // A connection that is broken on purpose is no fault of the run.
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const query = async <Row>(text: string, values: unknown[] = []) => {
    const client = await connect()
    try {
      return (await client.query(text, values)).rows as Row[]
    } finally {
      await client.end().catch(() => {})
    }
  }
  const ownBackend = async () => {
    const [row] = await query<{ pid: number }>('select pg_backend_pid() as pid')
    return row?.pid ?? 0
  }
  return {
    get url() {
      return postgres.url
    },
    connect,
    query,
    async killBackend() {
      const client = await connect()
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      process.kill(rows[0]?.pid ?? 0, 'SIGKILL')
      await client.end().catch(() => {})
    },
    async crash(awayMs) {
      const client = await connect()
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      process.kill(parentOf(rows[0]?.pid ?? (await ownBackend())), 'SIGQUIT')
      await client.end().catch(() => {})
      await delay(awayMs)
      while (!(await postgres.isGone())) await delay(20)
      const before = postgres
      postgres = await start()
      await before.stop().catch(() => {})
    },
    async stop() {
      await postgres.stop()
      await removeDataDir(dataDir)
    },
  }
}
