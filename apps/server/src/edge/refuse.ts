import { asLatchkeyError, errorHeaders, problem, trpcError } from '@latchkey/api'
import type { LatchkeyError } from '@latchkey/core'
import type { ErrorHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'
import { serialiseError } from '../log/serialise-error.ts'
import type { EdgeContext, Edge } from './edge.ts'

const PROBLEM = { 'Content-Type': 'application/problem+json' }
const JSON_TYPE = { 'Content-Type': 'application/json' }

/** A page instead of a problem, for a person who opened an address of the API in a browser; undefined for all others. */
export type RefusalPage = (c: EdgeContext, error: LatchkeyError) => Response | Promise<Response> | undefined

/** The one place where what was thrown becomes an answer. Status and headers are the same in each form. */
export function refuse({ log, page }: { log: Logger; page: RefusalPage }): ErrorHandler<Edge> {
  return (thrown, c) => {
    const error = asLatchkeyError(thrown)
    const requestId = c.get('requestId')
    logFault(log, error, requestId)
    for (const [name, value] of Object.entries(errorHeaders(error))) c.env.outgoing.setHeader(name, value)
    // What was not read stands in the way of the next request.
    if (error.code === 'body_too_large') c.env.outgoing.setHeader('Connection', 'close')
    const status = error.status as ContentfulStatusCode
    if (/^\/trpc(?:\/|$)/.test(c.req.path)) {
      return c.body(JSON.stringify({ error: trpcError(error, requestId) }), status, JSON_TYPE)
    }
    return page(c, error) ?? c.body(JSON.stringify(problem(error, requestId)), status, PROBLEM)
  }
}

/** What the operator must know of, and the caller must not. A bad request is nobody's fault but the caller's. */
export function logFault(log: Logger, { code, cause }: LatchkeyError, requestId: string): void {
  if (code === 'internal_error') log.error({ requestId, err: cause }, 'request failed')
  // While a database is away each request says so: one line, and no stack, which is always the same.
  if (code === 'unavailable' && cause !== undefined) {
    log.warn({ requestId, reason: serialiseError(cause).message }, 'unavailable')
  }
}
