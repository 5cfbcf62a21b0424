import { createDatabase, dropDatabase, serverAt, startThrowAwayPostgres } from '@latchkey/embedded-postgres'
import { openDatabase } from '../database/database.ts'
import { migrate } from '../database/migrate.ts'
import { silentLog } from '../log.ts'

/** The database that tests clone: migrated, without rows. */
export const TEMPLATE = 'latchkey_template'

/** `synchronous_commit` on, because without it an instance refuses to start. */
const SETTINGS = { max_connections: '300', synchronous_commit: 'on' }

/** A PostgreSQL for tests. */
export interface TestServer {
  /** A superuser's URL. */
  url: string
  stop(): Promise<void>
}

/** The embedded PostgreSQL, or the one that `LATCHKEY_TEST_DATABASE_URL` names, to test on another version. */
export async function createServer(): Promise<TestServer> {
  const given = process.env.LATCHKEY_TEST_DATABASE_URL
  const server = given === undefined ? await startThrowAwayPostgres(SETTINGS) : { url: given, stop: async () => {} }
  await dropDatabase(serverAt(server.url), TEMPLATE)
  const template = await openDatabase({ url: await createDatabase(serverAt(server.url), TEMPLATE), log: silentLog })
  await migrate(template, silentLog)
  await template.close()
  return server
}
