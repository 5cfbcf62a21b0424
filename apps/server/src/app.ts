import type { IncomingMessage } from 'node:http'
import type { Core } from '@latchkey/core'
import { LatchkeyError } from '@latchkey/core'
import { Hono } from 'hono'
import type { Logger } from 'pino'
import { accessLog, type AccessLogOptions } from './edge/access-log.ts'
import { allowOrigins } from './edge/cors.ts'
import { refuseWhileDraining } from './edge/draining.ts'
import { type Edge, rules } from './edge/edge.ts'
import { secureHeaders } from './edge/headers.ts'
import { noteOrigin } from './edge/origin.ts'
import { refuse } from './edge/refuse.ts'
import { refuseUntilReady } from './edge/ready.ts'
import { nameRequest } from './edge/request-id.ts'
import { apiPage } from './mounts/api-page.ts'
import { mountOpenApi } from './mounts/openapi.ts'
import { mountRest } from './mounts/rest.ts'
import { mountTrpc } from './mounts/trpc.ts'
import type { Tracing } from './telemetry/tracing.ts'

/** What {@link createApp} is made from. */
export interface AppOptions {
  core: Core
  log: Logger
  /** Origins whose pages may call the API from a browser: `https://app.example.com`. None by default. */
  corsOrigins: string[]
  /** The address of the client of a request: that of the socket, or what a trusted proxy says. */
  clientAddress: (incoming: IncomingMessage) => string | null
  /** Set to true by whoever stops the process: from then on new requests get a 503 and their connection closes. */
  state: { draining: boolean }
  /** What does not belong to the API, each with its full paths; `health` answers while draining too, unlogged. */
  mounts: {
    health: Hono<Edge>
    jwks: Hono<Edge>
    docs: Hono<Edge>
    setup: Hono<Edge>
    metrics?: Hono<Edge>
  }
  /** Told of each answer. */
  metrics?: AccessLogOptions['metrics']
  /** Makes spans of requests and procedures. */
  tracing?: Tracing | undefined
  /** Milliseconds from which on an answer gets a line of its own; 0, the default: none ever does. */
  slowMs?: number
}

/** The whole server, as a function of a request: every rule and every mount, in order. */
export function createApp(options: AppOptions): Hono<Edge> {
  const { core, log, corsOrigins, clientAddress, state, mounts, metrics, tracing, slowMs = 0 } = options
  const app = new Hono<Edge>()

  app.use(rules(nameRequest, noteOrigin(clientAddress), secureHeaders, allowOrigins(corsOrigins)))
  app.route('/', mounts.health)
  // While draining, too, and unlogged: whoever reads them comes every few seconds.
  if (mounts.metrics !== undefined) app.route('/', mounts.metrics)
  const logged = accessLog({ log, counters: core.counters, metrics, tracing, slowMs })
  app.use(rules(logged, refuseWhileDraining(state), refuseUntilReady(core)))

  app.route('/', mountRest({ core, tracing }))
  app.route('/', mountTrpc({ core, log }))
  app.route('/', mountOpenApi())
  app.route('/', mounts.jwks)
  app.route('/', mounts.docs)
  app.route('/', mounts.setup)

  app.notFound(() => {
    throw new LatchkeyError('not_found')
  })
  app.onError(refuse({ log, page: apiPage({ issuer: core.issuer }) }))
  return app
}
