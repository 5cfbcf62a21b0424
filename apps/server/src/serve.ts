import type { IncomingMessage, ServerResponse } from 'node:http'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import {
  bootstrapAdmin,
  type Core,
  createSetupLink,
  followKeys,
  followSettings,
  keepMaintained,
  KEYS_CHANNEL,
  LatchkeyError,
  prepare,
  startHeartbeat,
} from '@latchkey/core'
import type { Logger } from 'pino'
import { banner, showProgress } from './banner.ts'
import { coreOptions } from './core-options.ts'
import { chooseDatabase, openCore, refusedStart } from './database.ts'
import type { Environment } from './environment.ts'
import { type HttpServer, listen } from './http-server.ts'
import { StartError } from './start-error.ts'
import { answerStarting } from './starting.ts'
import { tellReady, type Worker } from './workers/worker.ts'
import { startTelemetry, type Telemetry } from './telemetry/telemetry.ts'
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
  /** Undefined where this process serves alone. */
  worker?: Worker
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
  const announces = serving.worker?.announces !== false
  for (const warning of announces ? environment.warnings : []) log.warn({}, warning)
  if (announces && !environment.rateLimits)
    log.warn({}, 'LATCHKEY_RATE_LIMITS is off: passwords can be guessed without a limit')
  const onFull = () => log.warn({}, 'connections are refused: there are LATCHKEY_CONNECTIONS_MAX of them')
  // Where a port is shared it is opened last: until then the others answer what comes.
  const isShared = serving.worker !== undefined
  const http = await listen({ ...environment, reusePort: isShared, later: isShared, onFull })
  const tellListening = () => log.info({ address: environment.host, port: http.port }, 'listening')
  if (!isShared) tellListening()
  const closers: (() => unknown)[] = []
  try {
    const telemetry = await startTelemetry(environment, serving.version)
    closers.push(() => telemetry.close())
    const database = await chooseDatabase(environment, environment.production ? () => {} : showProgress)
    closers.push(() => database.stop())
    stop.throwIfAborted()
    const options = await coreOptions(environment, { databaseUrl: database.url, port: http.port, log })
    const waitFor = (message: string) => {
      log.warn({}, message)
      http.serve(answerStarting)
    }
    const core = await openCore({ ...options, observer: telemetry.observer }, { signal: stop, onWait: waitFor })
    closers.push(() => core.close())
    telemetry.watch(core)
    http.serve(await requestListener(core, serving, { state, telemetry }))
    await becomeReady(core, { migrating: environment.migrate, shown: database.shown }, stop)
    if (isShared) {
      await http.open()
      tellListening()
    }
    closers.push(keepMaintained(core), database.watch(core), keepInformed(core, serving, http.port))
    await makeFirstAdmin(core, serving, stop)
    await announce(core, serving, { port: http.port, database: database.shown }, stop)
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

/** Loaded only now: what a start that fails does not need. */
async function requestListener(
  core: Core,
  { environment, log }: ServeOptions,
  { state, telemetry }: { state: { draining: boolean }; telemetry: Telemetry },
) {
  const [
    { createApp },
    { createClientAddress },
    { mountHealth },
    { mountJwks },
    { mountDocs },
    { mountSetup },
    { mountMetrics },
  ] = await Promise.all([
    import('./app.ts'),
    import('./edge/client-address.ts'),
    import('./mounts/health.ts'),
    import('./mounts/jwks.ts'),
    import('./mounts/docs.ts'),
    import('./mounts/setup.ts'),
    import('./mounts/metrics.ts'),
  ])
  const mounts = {
    health: mountHealth({ core, state }),
    jwks: mountJwks({ core }),
    docs: mountDocs(),
    setup: mountSetup(),
    ...(telemetry.metrics !== undefined && { metrics: mountMetrics(telemetry.metrics, environment.metricsToken) }),
  }
  const { corsOrigins, trustedProxies, slowRequestMs: slowMs } = environment
  const { metrics, tracing } = telemetry
  const clientAddress = createClientAddress(trustedProxies, (proxy) =>
    log.warn(
      { proxy },
      'a header names the client of a request, and LATCHKEY_TRUSTED_PROXIES does not have who sent it: it is not believed',
    ),
  )
  const app = createApp({ core, log, corsOrigins, clientAddress, state, mounts, metrics, tracing, slowMs })
  // Bodies that nobody has read are the business of `unread-body.ts`.
  const listener = getRequestListener(app.fetch, { autoCleanupIncoming: false })
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

/** Follows the settings and the keys of the cluster, and tells it of this instance. Call what it returns to stop. */
function keepInformed(core: Core, { environment, version }: ServeOptions, port: number): () => Promise<void> {
  const heartbeat = startHeartbeat(core, { name: environment.instanceName ?? `${hostname()}:${port}`, version })
  const keys = followKeys(core)
  const unfollow = followSettings(core, {
    // At once, so that whoever saved a revision sees which instances have it.
    onApplied: () => void heartbeat.beat(),
    others: { [KEYS_CHANNEL]: keys.look },
  })
  return async () => {
    await unfollow()
    await keys.stop()
    await heartbeat.stop()
  }
}

/** @throws StartError when the password does not fit the policy */
async function makeFirstAdmin(
  core: Core,
  { environment: { bootstrapAdmin: admin }, log }: ServeOptions,
  stop: AbortSignal,
): Promise<void> {
  if (admin === undefined) return
  const outcome = await untilAnswered(() => bootstrapAdmin(core, admin), stop).catch((error: unknown) => {
    throw refusedAdmin(error)
  })
  if (outcome === 'created')
    log.warn({}, 'the first admin was made: it has to change its password before it can do anything as one')
  if (outcome === 'email_taken') {
    log.warn({}, 'LATCHKEY_BOOTSTRAP_ADMIN_EMAIL is a user already: make it an admin by latchkey admin create')
  }
}

/** Does `work` again as long as the database or the hash queue says "not now": it serves already, and shall go on. */
async function untilAnswered<T>(work: () => Promise<T>, stop: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof LatchkeyError) || error.status !== 503) throw error
    }
    await delay(PREPARE_AGAIN_MS, undefined, { signal: stop })
  }
}

function refusedAdmin(error: unknown): unknown {
  if (!(error instanceof LatchkeyError) || error.fields === undefined) return error
  const faults = error.fields.map(({ message }) => message).join(' ')
  return new StartError(`LATCHKEY_BOOTSTRAP_ADMIN_EMAIL and its password cannot be used: ${faults}`, { cause: error })
}

async function announce(
  core: Core,
  serving: ServeOptions,
  { port, database }: { port: number; database: string },
  stop: AbortSignal,
): Promise<void> {
  const { production, host } = serving.environment
  showProgress('')
  if (production) serving.log.info({ database }, 'ready')
  else if (serving.worker?.announces !== false) {
    const setupToken = await untilAnswered(() => createSetupLink(core), stop)
    process.stdout.write(banner({ version: serving.version, host, port, database, setupToken }))
  }
  tellReady()
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
