import { constants } from 'node:os'
import type * as Functions from '@latchkey/core'
import type { Core, Log } from '@latchkey/core'
import { showProgress } from '../banner.ts'
import type { Environment } from '../environment.ts'
import { lineForPeople } from '../log/line-for-people.ts'
import { serialiseError } from '../log/serialise-error.ts'
import { withoutSecrets } from '../log/without-secrets.ts'
import { CommandError, EXIT, failed } from './exit.ts'
import { note } from './output.ts'

/** The functions of the domain. Loaded with the core, and not before: `--help` needs none of them. */
export type Domain = typeof Functions

/** What a command works with. */
export interface Opened {
  core: Core
  domain: Domain
  environment: Environment
  /** Where the database is, without a password. */
  database: string
  /** Aborts when the command is to stop: at a signal, or when nobody reads its output any more. */
  signal: AbortSignal
}

/** How far {@link withCore} opens. */
export interface WithCoreOptions {
  /**
   * `current` (the default): the schema is that of this version, brought up as a start would, and the newest settings
   * are in force. `any`: the database as it is.
   */
  schema?: 'current' | 'any'
  /** For who only looks: in place of a root secret that would be made and kept. */
  rootSecret?: string
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * Opens environment, database and domain for one command, without serving, and closes all of it whatever happens. The
 * embedded PostgreSQL is started if it does not run, and stopped afterwards if nobody else uses it.
 *
 * No signing key is loaded, because loading makes one where the configured algorithm has none, and a command's
 * environment need not be that of the servers.
 *
 * @throws CommandError, StartError, and what `work` throws
 */
export async function withCore<T>(
  work: (opened: Opened) => Promise<T>,
  { schema = 'current', rootSecret }: WithCoreOptions = {},
): Promise<T> {
  const stop = stopping()
  const closers: (() => unknown)[] = [stop.end]
  try {
    const opened = await open({ signal: stop.signal, closers, rootSecret })
    if (schema === 'current') await bringUp(opened)
    return await Promise.race([work(opened), aborted(stop.signal)])
  } finally {
    showProgress('')
    for (const close of closers.toReversed()) await close()
  }
}

interface Opening {
  signal: AbortSignal
  /** What is opened is added, with how it is closed. */
  closers: (() => unknown)[]
  rootSecret: string | undefined
}

async function open({ signal, closers, rootSecret }: Opening): Promise<Opened> {
  const [{ readEnvironment }, { chooseDatabase, openCore }, { coreOptions }, domain] = await Promise.all([
    import('../environment.ts'),
    import('../database.ts'),
    import('../core-options.ts'),
    import('@latchkey/core'),
  ])
  const environment = readEnvironment(process.env)
  for (const warning of environment.warnings) note(warning)
  const database = await chooseDatabase(environment, showProgress)
  closers.push(() => database.stop())
  signal.throwIfAborted()
  const options = await coreOptions(
    { ...environment, secret: environment.secret ?? rootSecret },
    { databaseUrl: database.url, port: environment.port, log: LOG },
  )
  const core = await openCore(options, { signal, onWait: () => {}, patienceMs: 0 })
  closers.push(() => core.close())
  showProgress('')
  return { core, domain, environment, database: database.shown, signal }
}

/** What a start does before it serves, but for the keys. */
async function bringUp({ core, domain, environment }: Opened): Promise<void> {
  if (environment.migrate) await domain.migrate(core.db, core.log)
  const pending = await domain.pendingMigrations(core.db)
  if (pending.length > 0) {
    throw failed(`The database is not up to this version (${pending.join(', ')}). Run: latchkey migrate up`)
  }
  await domain.loadSettings(core)
}

/** Only what should not go unseen. */
const LOG: Log = { info: () => {}, warn: logger('warn'), error: logger('error') }

function logger(level: 'warn' | 'error') {
  return (details: object, msg: string) => {
    const { err, ...rest } = withoutSecrets(details)
    const shown = err === undefined ? {} : { err: { ...serialiseError(err), stack: undefined } }
    process.stderr.write(
      lineForPeople(JSON.stringify({ level, time: new Date().toISOString(), msg, ...rest, ...shown })),
    )
  }
}

/**
 * A signal ends the command, but in order: else an embedded PostgreSQL that it has started would be left behind. So does
 * a reader that has gone, as `head` does; that is no failure.
 */
function stopping(): { signal: AbortSignal; end: () => void } {
  const stop = new AbortController()
  const listeners = SIGNALS.map((name) => {
    const listener = () => stop.abort(new CommandError(128 + constants.signals[name], ''))
    process.on(name, listener)
    return () => process.off(name, listener)
  })
  const onUnread = () => stop.abort(new CommandError(EXIT.done, ''))
  process.stdout.once('error', onUnread)
  return {
    signal: stop.signal,
    end() {
      for (const remove of listeners) remove()
      process.stdout.off('error', onUnread)
    },
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = () => reject(signal.reason as CommandError)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
