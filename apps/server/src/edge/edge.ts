import type { HttpBindings } from '@hono/node-server'
import type { Origin } from '@latchkey/core'
import type { Context, MiddlewareHandler } from 'hono'

/** What every handler and rule of ours finds in its Hono context. */
export interface Edge {
  /** Node's own request and answer: reading them costs nothing, making web objects of them costs much. */
  Bindings: HttpBindings
  Variables: {
    /** Names this request in the answer (`X-Request-Id`), the log and every error. */
    requestId: string
    /** Where it comes from. */
    origin: Origin
  }
}

/** Hono's context with what {@link Edge} puts there. */
export type EdgeContext = Context<Edge>

/**
 * Looks at a request before it is routed: remembers something, sets headers of the answer, or throws what refuses it.
 *
 * Headers go straight onto Node's answer, where those of the handler replace them. That covers every answer, and costs
 * less than handing them through Hono.
 */
export type Rule = (c: EdgeContext) => void

/** Applies rules in order. In one middleware, because each of its own would cost 0.7 µs a request. */
export function rules(...all: Rule[]): MiddlewareHandler<Edge> {
  return (c, next) => {
    for (const rule of all) rule(c)
    return next()
  }
}
