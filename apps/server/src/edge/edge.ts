import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'

/** What every handler and middleware of ours finds in its Hono context. */
export interface Edge {
  /** Node's own request and answer: reading them costs nothing, making web objects of them costs much. */
  Bindings: HttpBindings
  Variables: {
    /** Names this request in the answer (`X-Request-Id`), the log and every error. */
    requestId: string
  }
}

/** Hono's context with what {@link Edge} puts there. */
export type EdgeContext = Context<Edge>

/** A middleware of ours. */
export type EdgeMiddleware = MiddlewareHandler<Edge>
