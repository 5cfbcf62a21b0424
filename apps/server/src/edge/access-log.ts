import type { Counters } from '@latchkey/core'
import { routePath } from 'hono/route'
import type { Logger } from 'pino'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { beginParts, type RequestParts } from '../telemetry/request-parts.ts'
import type { Rule } from './edge.ts'

/** What {@link accessLog} needs. */
export interface AccessLogOptions {
  log: Logger
  counters: Counters
  /** Told of each answer. */
  metrics?: Pick<Metrics, 'answered'> | undefined
  /** Makes spans of requests. */
  tracing?: Pick<Tracing, 'begin'> | undefined
  /** Milliseconds from which on an answer gets a line of its own; 0: none ever does. */
  slowMs?: number
}

/**
 * One line for each request, when its answer has gone out. It names the route that took the request, not the path: what
 * clients put into paths and queries may be secret. No body, no header, no token. The time that the answer took also goes
 * into the statistics, by route. An answer that took long has a line more, which says what the time went into.
 */
export function accessLog({ log, counters, metrics, tracing, slowMs = 0 }: AccessLogOptions): Rule {
  return (c) => {
    const { outgoing } = c.env
    const start = performance.now()
    const parts = slowMs > 0 ? beginParts() : undefined
    const span = tracing?.begin(c.req.method, c.env.incoming.headers)
    outgoing.on('close', () => {
      const { method } = c.req
      const taken = routePath(c)
      const route = taken.length > 1 && taken.endsWith('/') ? taken.slice(0, -1) : taken
      const durationMs = performance.now() - start
      counters.time(`${method} ${route}`, durationMs)
      span?.end(route, outgoing.statusCode)
      metrics?.answered(method, route, outgoing.statusCode, durationMs)
      const details = {
        requestId: c.get('requestId'),
        method,
        route: taken,
        // Before its head was sent it is only what an answer would begin with: 200.
        ...(outgoing.headersSent && { status: outgoing.statusCode }),
        durationMs: Math.round(durationMs * 10) / 10,
      }
      // The client went away before it had the answer.
      log.info(outgoing.writableFinished ? details : { ...details, aborted: true }, 'request')
      if (parts !== undefined && durationMs >= slowMs) log.warn({ ...details, ...rounded(parts) }, 'slow request')
    })
  }
}

function rounded({ queueMs, hashMs, databaseMs }: RequestParts): RequestParts {
  const round = (ms: number) => Math.round(ms * 10) / 10
  return { queueMs: round(queueMs), hashMs: round(hashMs), databaseMs: round(databaseMs) }
}
