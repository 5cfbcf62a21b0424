import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isGone, urlOf } from './address.ts'
import { provideBinaries } from './binaries.ts'
import { askPostgres } from './connection.ts'
import { checkVersion, dataFolderOf, initialise } from './data-directory.ts'
import { createDatabase, type DatabaseServer } from './databases.ts'
import { explained } from './error.ts'
import { claimDataDir, findHome, type Home } from './home.ts'
import { keepPassword } from './password.ts'
import {
  findPostmaster,
  hasEnded,
  type Postmaster,
  startPostmaster,
  stopPostmaster,
  waitForPostmaster,
} from './postmaster.ts'
import type { Settings } from './settings.ts'
import { beginUse, whileAlone } from './use.ts'

/** The database that `url` names. */
const DATABASE = 'latchkey'
const RETRY_MILLISECONDS = 100
const RETRY_FOR_MILLISECONDS = 15_000

export interface EmbeddedPostgresOptions {
  /** Where it keeps its data, log and password: an empty folder or one of ours, made when it is missing. */
  readonly dataDir: string
  /** More settings of PostgreSQL, by name. They count only when this call starts it, not when it runs already. */
  readonly settings?: Settings
  /** Told what takes a while: a line for people. */
  readonly onProgress?: (message: string) => void
}

/** A PostgreSQL of our own that runs, and that this process uses. */
export interface EmbeddedPostgres extends DatabaseServer {
  /** Where the data really lie: in `dataDir`, or where the system user that PostgreSQL runs as can reach them. */
  readonly folder: string
  /** The URL of the database `latchkey`, with the password in it. */
  readonly url: string
  /** Whether it runs no more, because it was killed say: `startEmbeddedPostgres` starts it again. */
  isGone(): Promise<boolean>
  /** Ends this process's use of it, and stops it unless another process still uses it. */
  stop(): Promise<void>
}

/**
 * Starts a PostgreSQL on the data directory, or finds the one that runs there. Any number of processes may do so at once:
 * there is one postmaster for a data directory. It outlives a process that is killed, and is found again by the next.
 *
 * @throws EmbeddedPostgresError with one message that says what is wrong and what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = await claimDataDir(options.dataDir).catch((fault: unknown) => {
    throw explained(fault, options.dataDir)
  })
  return await whileAlone(
    dataDir,
    async () => {
      const home = await findHome(dataDir)
      await checkVersion(home)
      const password = await keepPassword(home.folder)
      const { address } = await ensurePostmaster(home, password, options)
      const server = { urlOf: (database: string) => urlOf(address, password, database) }
      await ensureDatabase(server)
      const use = await beginUse(dataDir)
      return {
        ...server,
        folder: home.folder,
        url: server.urlOf(DATABASE),
        isGone: () => isGone(address),
        stop: async () => void (await use.end()),
      }
    },
    () => options.onProgress?.('Waiting for another process that starts or stops PostgreSQL'),
  )
}

/** Gives the postmaster that runs, else starts one. Called while alone, so that there is never a second. */
async function ensurePostmaster(home: Home, password: string, options: EmbeddedPostgresOptions): Promise<Postmaster> {
  const { settings = {}, onProgress = () => undefined } = options
  for (const since = Date.now(); ; await sleep(RETRY_MILLISECONDS)) {
    const running = await findPostmaster(home)
    if (running && (await isUsable(home, running, urlOf(running.address, password, DATABASE)))) return running
    if (running) continue
    const binaries = await provideBinaries(home)
    if (!existsSync(dataFolderOf(home))) {
      onProgress('Creating the database')
      await initialise(home, binaries, password, settings.fsync === 'off' ? 'fleeting' : 'durable')
    }
    onProgress('Starting PostgreSQL')
    const started = await startPostmaster(home, binaries, settings, password)
    if ('address' in started) return started
    if (Date.now() - since > RETRY_FOR_MILLISECONDS) throw started.passing
  }
}

/** Waits while it starts or stops. One that nobody can reach any more is stopped, to be started anew. */
async function isUsable(home: Home, running: Postmaster, url: string): Promise<boolean> {
  const outcome = await waitForPostmaster(home, url, (answer) => hasEnded(home, running, answer))
  if (outcome === 'unreachable') await stopPostmaster(home, running)
  return outcome === 'ready'
}

async function ensureDatabase(server: DatabaseServer): Promise<void> {
  if ((await askPostgres(server.urlOf(DATABASE))) === 'no such database') await createDatabase(server, DATABASE)
}
