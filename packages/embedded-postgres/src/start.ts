import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { urlOf } from './address.ts'
import { provideBinaries } from './binaries.ts'
import { askPostgres } from './connection.ts'
import { checkVersion, dataFolderOf, initialise } from './data-directory.ts'
import { createDatabase, type DatabaseServer } from './databases.ts'
import { explained } from './error.ts'
import { lock, tryLock } from './file-lock.ts'
import { claimDataDir, findHome, type Home } from './home.ts'
import { keepPassword } from './password.ts'
import { findPostmaster, hasEnded, type Postmaster, startPostmaster, stopPostmaster, waitForPostmaster } from './postmaster.ts'
import type { Settings } from './settings.ts'

/** The database that `url` names. */
const DATABASE = 'latchkey'

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
  /** The URL of the database `latchkey`, with the password in it. */
  readonly url: string
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
  const { dataDir, onProgress } = options
  try {
    const folder = await claimDataDir(dataDir)
    const starting = await lock(startLockOf(folder), 'exclusive', () => onProgress?.('Waiting for another process'))
    try {
      const home = await findHome(folder)
      await checkVersion(home)
      const password = await keepPassword(home.folder)
      const { address } = await ensurePostmaster(home, password, options)
      const server = { urlOf: (database: string) => urlOf(address, password, database) }
      await ensureDatabase(server)
      // Held for as long as we use the server: see stopUnlessUsed.
      const use = await lock(useLockOf(folder), 'shared')
      let stopping: Promise<void> | undefined
      const stop = (): Promise<void> => (stopping ??= stopUnlessUsed(folder, home, () => use.release()))
      return { ...server, url: server.urlOf(DATABASE), stop }
    } finally {
      starting.release()
    }
  } catch (fault) {
    throw explained(fault, dataDir)
  }
}

/** Gives the postmaster that runs, else starts one: under the start lock, so that there is never a second. */
async function ensurePostmaster(home: Home, password: string, options: EmbeddedPostgresOptions): Promise<Postmaster> {
  const { settings = {}, onProgress } = options
  for (let found = await findPostmaster(home); found; found = await findPostmaster(home)) {
    const running = found
    const url = urlOf(running.address, password, DATABASE)
    const outcome = await waitForPostmaster(home, url, (answer) => hasEnded(home, running, answer))
    if (outcome === 'ready') return running
    if (outcome === 'unreachable') await stopPostmaster(home, running)
  }
  const binaries = await provideBinaries(home.folder, home.systemUser)
  if (!existsSync(dataFolderOf(home))) {
    onProgress?.('Creating the database')
    await initialise(home, binaries, password, settings.fsync === 'off' ? 'fleeting' : 'durable')
  }
  onProgress?.('Starting PostgreSQL')
  return await startPostmaster(home, binaries, settings, password)
}

async function ensureDatabase(server: DatabaseServer): Promise<void> {
  if ((await askPostgres(server.urlOf(DATABASE))) === 'no such database') await createDatabase(server, DATABASE)
}

/**
 * Whoever uses the server holds the use lock, shared; who can take it alone was the last. A process that was killed holds
 * nothing. The start lock keeps newcomers out until it has stopped.
 */
async function stopUnlessUsed(folder: string, home: Home, endOurUse: () => void): Promise<void> {
  const starting = await lock(startLockOf(folder), 'exclusive')
  try {
    endOurUse()
    const alone = tryLock(useLockOf(folder), 'exclusive')
    const running = alone && (await findPostmaster(home))
    if (running) await stopPostmaster(home, running)
    alone?.release()
  } finally {
    starting.release()
  }
}

const startLockOf = (folder: string): string => join(folder, 'start.lock')
const useLockOf = (folder: string): string => join(folder, 'use.lock')
