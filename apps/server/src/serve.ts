import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { type Core, type CoreOptions, keepPruned, prepare } from '@latchkey/core'
import type { Logger } from 'pino'
import { banner, showProgress } from './banner.ts'
import { chooseDatabase, openCore, refusedStart } from './database.ts'
import type { Environment } from './environment.ts'
import { type HttpServer, listen } from './http-server.ts'
import { keepRootSecret } from './root-secret.ts'
import { answerStarting } from './starting.ts'
import { stopSignal } from './stop-signal.ts'

/** Milliseconds until answers that are still not done are cut. With all that is closed after them it stays below 10 s. */
const DRAIN_MS = 9000
/** Milliseconds between two looks at whether somebody has migrated the database meanwhile. */
const PREPARE_AGAIN_MS = 1000

/** What an operator can do while a start is not ready; it looks again every second. */
const HINTS = {
  database: 'see that the database answers, takes changes, and lets its user create tables',
  migrations: 'start one instance with LATCHKEY_MIGRATE=on',
  keys: 'loading the signing keys',
}

/** What {@link serve} needs. */
export interface ServeOptions {
  environment: Environment
  log: Logger
  version: string
}

/**
 * Serves until the process is told to stop. The port is opened first, so that a start that cannot succeed costs nothing;
 * it is given up first, too, and all else is closed in the order opposite to its opening.
 *
 * @throws StartError, or another error whose message is for the operator
 */
export async function serve(serving: ServeOptions): Promise<void> {
  const { environment, log } = serving
  const stop = stopSignal(log)
  const state = { draining: false }
  for (const warning of environment.warnings) log.warn({}, warning)
  const http = await listen(environment)
  log.info({ address: environment.host, port: http.port }, 'listening')
  const closers: (() => unknown)[] = []
  try {
    const database = await chooseDatabase(environment, environment.production ? () => {} : showProgress)
    closers.push(() => database.stop())
    stop.throwIfAborted()
    const options = await coreOptions(environment, database.url, http.port, log)
    const waitFor = (message: string) => {
      log.warn({}, message)
      http.serve(answerStarting)
    }
    const core = await openCore(options, { signal: stop, onWait: waitFor })
    closers.push(() => core.close())
    http.serve(await requestListener(core, serving, state))
    await becomeReady(core, { migrating: environment.migrate, shown: database.shown }, stop)
    closers.push(keepPruned(core), database.watch(core))
    announce(serving, http.port, database.shown)
    await aborted(stop)
  } catch (error) {
    if (!stop.aborted) throw error
  } finally {
    showProgress('')
    state.draining = true
    await drain(http, stop.aborted ? DRAIN_MS : 0, serving)
    for (const close of closers.toReversed()) await close()
    log.info({}, 'stopped')
  }
}

async function coreOptions(
  environment: Environment,
  databaseUrl: string,
  port: number,
  log: Logger,
): Promise<CoreOptions> {
  const { production, secret, dataDir, publicUrl, audience, signingAlgorithm, settings, databasePool } = environment
  return {
    databaseUrl,
    rootSecret: secret ?? (await keepRootSecret(dataDir)),
    issuer: publicUrl ?? `http://localhost:${port}`,
    ...(audience !== undefined && { audience }),
    signingAlgorithm,
    production,
    settings,
    poolSize: databasePool,
    log,
  }
}

/** Loaded only now: what a start that fails does not need. */
async function requestListener(core: Core, { environment, log }: ServeOptions, state: { draining: boolean }) {
  const [{ createApp }, { mountHealth }, { mountJwks }, { mountDocs }] = await Promise.all([
    import('./app.ts'),
    import('./mounts/health.ts'),
    import('./mounts/jwks.ts'),
    import('./mounts/docs.ts'),
  ])
  const mounts = { health: mountHealth({ core, state }), jwks: mountJwks({ core }), docs: mountDocs() }
  const listener = getRequestListener(
    createApp({ core, log, corsOrigins: environment.corsOrigins, state, mounts }).fetch,
  )
  return (request: IncomingMessage, response: ServerResponse) => {
    // HTTP/1.0, as some load balancers' checks have it, needs no Host; Hono makes a URL of it.
    request.headers.host ??= 'localhost'
    return listener(request, response)
  }
}

/** Prepares until nothing is in the way any more. What is, is in the log, once. */
async function becomeReady(
  core: Core,
  { migrating, shown }: { migrating: boolean; shown: string },
  stop: AbortSignal,
): Promise<void> {
  let told = ''
  for (;;) {
    const obstacle = await prepare(core, { migrating }).catch((error: unknown) => {
      throw refusedStart(error, shown)
    })
    stop.throwIfAborted()
    if (obstacle === undefined) return
    if (obstacle.detail !== told)
      core.log.warn({ ...obstacle, database: shown }, `not ready yet: ${HINTS[obstacle.part]}`)
    told = obstacle.detail
    await delay(PREPARE_AGAIN_MS, undefined, { signal: stop })
  }
}

function announce({ environment, log, version }: ServeOptions, port: number, database: string): void {
  const { production, host } = environment
  showProgress('')
  if (production) log.info({ database }, 'ready')
  else process.stdout.write(banner({ version, host, port, database }))
}

async function drain(http: HttpServer, withinMs: number, { log }: ServeOptions): Promise<void> {
  log.info({}, 'draining')
  const cut = await http.close(withinMs)
  if (cut > 0) log.warn({ cut }, 'answers were cut: they took too long')
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
