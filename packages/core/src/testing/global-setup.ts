import { createServer } from './server.ts'

/** Once a run: a PostgreSQL server with a migrated template; each worker clones a database of its own from it. */
export default async function setup(run: { provide(key: 'postgresUrl', value: string): void }) {
  const server = await createServer()
  run.provide('postgresUrl', server.url)
  return () => server.stop()
}
