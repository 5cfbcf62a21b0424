/**
 * A process that uses the embedded PostgreSQL as the server does: starts it, says its URL, and stops it when it is told
 * to or interrupted. The tests run several, as several users, and kill them.
 */
import { withConnection } from '../connection.ts'
import { startEmbeddedPostgres } from '../start.ts'

export type Said = { url: string; milliseconds: number } | { error: string; name: string } | { answered: number }

const say = (said: Said): void => void process.stdout.write(`${JSON.stringify(said)}\n`)

try {
  const before = performance.now()
  const server = await startEmbeddedPostgres({ dataDir: process.argv[2]! })
  const milliseconds = Math.round(performance.now() - before)
  const stop = async (): Promise<void> => {
    const { rows } = await withConnection(server.url, (client) =>
      client.query<{ answered: number }>('select 1 as answered'),
    )
    say(rows[0]!)
    await server.stop()
    process.exit(0)
  }
  process.once('SIGINT', () => void stop())
  process.stdin.once('data', () => void stop())
  say({ url: server.url, milliseconds })
} catch (fault) {
  const { name, message } = fault as Error
  say({ error: message, name })
}
