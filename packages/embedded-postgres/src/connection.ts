import { Client } from 'pg'

/** What became of an attempt to connect. */
export type Answer = 'ready' | 'not yet' | 'nobody' | 'no such database'

const PATIENCE_MILLISECONDS = 10_000
const NOT_YET = '57P03'
const TOO_MANY_CONNECTIONS = '53300'
const NO_SUCH_DATABASE = '3D000'
/** The last two: it stops, or its postmaster was killed, in the middle of the log-in. */
const NOBODY = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', '57P01', '57P02'])

/** Tries to log in. Too many connections are an answer too: the server is there. */
export async function askPostgres(url: string): Promise<Answer> {
  try {
    await withConnection(url, async () => undefined)
    return 'ready'
  } catch (fault) {
    const { code = '', message } = fault as NodeJS.ErrnoException
    if (code === TOO_MANY_CONNECTIONS) return 'ready'
    if (code === NO_SUCH_DATABASE) return 'no such database'
    if (code === NOT_YET || /timeout/.test(message)) return 'not yet'
    if (NOBODY.has(code) || message === 'Connection terminated unexpectedly') return 'nobody'
    throw fault
  }
}

/** Runs something on a connection of its own. */
export async function withConnection<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, ssl: false, connectionTimeoutMillis: PATIENCE_MILLISECONDS })
  // A server that stops cuts the connection; the query in flight reports it.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
