import { routePath } from 'hono/route'
import type { Logger } from 'pino'
import type { Rule } from './edge.ts'

/**
 * One line for each request, when its answer has gone out. It names the route that took the request, not the path: what
 * clients put into paths and queries may be secret. No body, no header, no token.
 */
export function accessLog(log: Logger): Rule {
  return (c) => {
    const { outgoing } = c.env
    const start = performance.now()
    outgoing.once('close', () => {
      const details = {
        requestId: c.var.requestId,
        method: c.req.method,
        route: routePath(c, -1),
        // Before its head was sent it is only what an answer would begin with: 200.
        ...(outgoing.headersSent && { status: outgoing.statusCode }),
        durationMs: Math.round((performance.now() - start) * 10) / 10,
      }
      // The client went away before it had the answer.
      log.info(outgoing.writableFinished ? details : { ...details, aborted: true }, 'request')
    })
  }
}
