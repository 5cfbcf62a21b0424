import type { Counters } from '@latchkey/core'
import { routePath } from 'hono/route'
import type { Logger } from 'pino'
import type { Rule } from './edge.ts'

/**
 * One line for each request, when its answer has gone out. It names the route that took the request, not the path: what
 * clients put into paths and queries may be secret. No body, no header, no token. The time that the answer took also goes
 * into the statistics, by route.
 */
export function accessLog(log: Logger, counters: Counters): Rule {
  return (c) => {
    const { outgoing } = c.env
    const start = performance.now()
    outgoing.on('close', () => {
      const { method } = c.req
      const route = routePath(c)
      const durationMs = performance.now() - start
      counters.time(`${method} ${route.length > 1 && route.endsWith('/') ? route.slice(0, -1) : route}`, durationMs)
      const details = {
        requestId: c.get('requestId'),
        method,
        route,
        // Before its head was sent it is only what an answer would begin with: 200.
        ...(outgoing.headersSent && { status: outgoing.statusCode }),
        durationMs: Math.round(durationMs * 10) / 10,
      }
      // The client went away before it had the answer.
      log.info(outgoing.writableFinished ? details : { ...details, aborted: true }, 'request')
    })
  }
}
