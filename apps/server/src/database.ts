import { setTimeout as delay } from 'node:timers/promises'
import { type Core, type CoreOptions, createCore, LatchkeyError } from '@latchkey/core'
import type { Environment } from './environment.ts'
import { hasSqlState, withoutPasswords } from './log/serialise-error.ts'
import { StartError } from './start-error.ts'

/** The database that this process uses. */
export interface ChosenDatabase {
  url: string
  /** For people: where it is, without a password. */
  shown: string
  /** Sees to it that it keeps running, if that is up to us. Call what it returns to stop. */
  watch(core: Core): () => Promise<void>
  /** Ends this process's use of it. */
  stop(): Promise<void>
}

/**
 * The database of `DATABASE_URL`, else one of our own.
 *
 * @throws EmbeddedPostgresError
 */
export async function chooseDatabase(
  { databaseUrl, dataDir }: Pick<Environment, 'databaseUrl' | 'dataDir'>,
  onProgress: (message: string) => void,
): Promise<ChosenDatabase> {
  if (databaseUrl === undefined) {
    return await (await import('./embedded-database.ts')).startOwnDatabase(dataDir, onProgress)
  }
  const nothing = async () => {}
  return { url: databaseUrl, shown: `PostgreSQL at ${placeOf(databaseUrl)}`, watch: () => nothing, stop: nothing }
}

/** User, host and name of a database: what helps to find it, and no password. */
export function placeOf(databaseUrl: string): string {
  const { username, host, pathname, searchParams } = new URL(databaseUrl)
  const place = decodeURIComponent(host) || searchParams.get('host') || 'localhost'
  return `${username === '' ? '' : `${decodeURIComponent(username)}@`}${place}${decodeURIComponent(pathname)}`
}

/** How long a start waits for a database that cannot be reached: a container that comes up beside it takes seconds. */
const PATIENCE_MS = 10_000
const PAUSE_MIN_MS = 100
const PAUSE_MAX_MS = 2000

/** How {@link openCore} waits. */
export interface OpenCoreOptions {
  signal: AbortSignal
  /** Told once, at the first failure. */
  onWait: (message: string) => void
  /** How long; 10 s by default. */
  patienceMs?: number
}

/**
 * Opens the domain on the database as soon as that answers.
 *
 * @throws StartError when it did not in time
 */
export async function openCore(
  options: CoreOptions,
  { signal, onWait, patienceMs = PATIENCE_MS }: OpenCoreOptions,
): Promise<Core> {
  const deadline = performance.now() + patienceMs
  for (let pause = PAUSE_MIN_MS; ; pause = Math.min(pause * 2, PAUSE_MAX_MS)) {
    const opened = await createCore(options).catch(faultOf)
    signal.throwIfAborted()
    if (typeof opened !== 'string') return opened
    const message = `The database ${placeOf(options.databaseUrl)} cannot be used: ${opened}.`
    if (performance.now() + pause > deadline) {
      throw new StartError(`${message} See that PostgreSQL runs there and that DATABASE_URL is right.`)
    }
    if (pause === PAUSE_MIN_MS) onWait(`${message} Trying again for ${patienceMs / 1000} s.`)
    await delay(pause, undefined, { signal })
  }
}

/** Why the database cannot be used, in the words of the driver. What is no fault of the database is thrown on. */
function faultOf(error: unknown): string {
  if (error instanceof LatchkeyError) return reasonOf(error.cause)
  throw error
}

/**
 * What ends a start because PostgreSQL refuses something, say to create a table where another one is: told so that it is
 * clear which database, what, and what to do. All else that is thrown tells that itself.
 *
 * @param shown where the database is, without a password
 */
export function refusedStart(error: unknown, shown: string): unknown {
  if (!(error instanceof Error) || !hasSqlState(error)) return error
  const message = `The ${shown} cannot be used: ${withoutPasswords(error.message)}.`
  const remedy = 'Give Latchkey a database of its own, owned by the user that it logs in as.'
  return new StartError(`${message} ${remedy}`, { cause: error })
}

function reasonOf(cause: unknown): string {
  // Of a host with several addresses each has its own reason; they hardly differ.
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0])
  return cause instanceof Error && cause.message !== '' ? withoutPasswords(cause.message) : 'it does not answer'
}
