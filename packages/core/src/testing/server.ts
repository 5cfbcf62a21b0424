import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase, dropDatabase, serverAt, startEmbeddedPostgres } from '@latchkey/embedded-postgres'
import { openDatabase } from '../database/database.ts'
import { migrate } from '../database/migrate.ts'
import { silentLog } from '../log.ts'

/** The database that tests clone: migrated, without rows. */
export const TEMPLATE = 'latchkey_template'

/** Nothing here outlives the run, so nothing has to survive a crash. */
const THROW_AWAY = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  shared_preload_libraries: 'pg_stat_statements',
}

/** A PostgreSQL for tests. */
export interface TestServer {
  /** A superuser's URL. */
  url: string
  stop(): Promise<void>
}

/** The embedded PostgreSQL, or the one that `LATCHKEY_TEST_DATABASE_URL` names, to test on another version. */
export async function createServer(): Promise<TestServer> {
  const given = process.env.LATCHKEY_TEST_DATABASE_URL
  const server = given === undefined ? await throwAwayServer() : { url: given, stop: async () => {} }
  await dropDatabase(serverAt(server.url), TEMPLATE)
  const template = await openDatabase({ url: await createDatabase(serverAt(server.url), TEMPLATE), log: silentLog })
  await migrate(template, silentLog)
  await template.close()
  return server
}

async function throwAwayServer(): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-test-'))
  const server = await startEmbeddedPostgres({ dataDir, settings: THROW_AWAY })
  return {
    url: server.url,
    async stop() {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
