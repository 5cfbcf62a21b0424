import { type ApiContext, appRouter, type Operation, operationsOf } from '@latchkey/api'
import type { Core } from '@latchkey/core'
import { Hono } from 'hono'
import { inTime } from '../edge/deadline.ts'
import { giveDeviceProof } from '../edge/device-proof.ts'
import type { Edge, EdgeContext } from '../edge/edge.ts'
import { type JsonObject, readJsonObject } from '../edge/json-body.ts'
import { otherMethods } from '../edge/methods.ts'
import { procedureCall } from './call-procedure.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { libraryCaller } from './rest-library.ts'

const JSON_TYPE = { 'Content-Type': 'application/json' }

/** One request for an operation: its context, and what it brings, already read and limited. */
export interface RestCall {
  c: EdgeContext
  context: ApiContext
  operation: Operation
  body: JsonObject | undefined
  /** What the query says of the parameters that the operation has; one that is given twice is a list. */
  query: Record<string, string | string[]>
  /** The parameters in the path, decoded. */
  path: Record<string, string>
}

/** Carries out a call: the JSON text of success, or throws. */
export type Caller = (call: RestCall) => Promise<string>

/** What {@link mountRest} needs. */
export interface RestOptions {
  core: Core
  /** Which operations go past the library; those that are marked hot by default. */
  isHot?: (operation: Operation) => boolean
  /** Makes spans of procedures. */
  tracing?: Pick<Tracing, 'call'> | undefined
}

/**
 * Every procedure that has a REST shape, below `/api`, with and without the slash at the end.
 *
 * trpc-to-openapi serves them (62 µs a request). The hot ones are called directly (half of that): same procedure, so
 * same validation, same errors; a test holds both ways to equal answers.
 */
export function mountRest({ core, isHot = ({ hot }) => hot, tracing }: RestOptions): Hono<Edge> {
  const app = new Hono<Edge>()
  const library = libraryCaller(appRouter)
  for (const [path, group] of routesOf(operationsOf(appRouter))) {
    for (const operation of group) {
      const plain = isHot(operation) ? directCaller(operation) : library
      const call: Caller =
        tracing === undefined ? plain : (restCall) => tracing.call(operation.name, () => plain(restCall))
      app.on(operation.method, bothForms(path), async (c) => {
        const restCall = {
          c,
          context: contextOf(core, c),
          operation,
          body: operation.takesBody ? await readJsonObject(c.env.incoming) : undefined,
          query: queryOf(operation, c.env.incoming.url),
          path: operation.pathParameters.length === 0 ? {} : c.req.param(),
        }
        return c.body(await inTime(call(restCall)), operation.status, JSON_TYPE)
      })
    }
    const refuse = otherMethods(group.map(({ method }) => method))
    for (const form of bothForms(path)) app.all(form, refuse)
  }
  return app
}

/** What a procedure gets of a request. */
export function contextOf(core: Core, c: EdgeContext): ApiContext {
  const { incoming, outgoing } = c.env
  const { authorization, 'if-match': ifMatch, 'idempotency-key': idempotencyKey } = incoming.headers
  return {
    core,
    authorization,
    ifMatch,
    // Node joins several into one text, which is no key.
    idempotencyKey: idempotencyKey?.toString(),
    requestId: c.get('requestId'),
    origin: c.get('origin'),
    setHeader: (name, value) => outgoing.setHeader(name, value),
    giveDeviceProof: (proof) => giveDeviceProof(outgoing, proof, { secure: core.issuer.startsWith('https:') }),
  }
}

/** The operations by the path that Hono knows them under. */
function routesOf(operations: Operation[]): Map<string, Operation[]> {
  return Map.groupBy(operations, ({ path }) => path.replaceAll(/\{(\w+)\}/g, ':$1'))
}

/** Only what the operation knows: all else in a query is ignored, `__proto__` and its like too. */
function queryOf({ queryParameters }: Operation, url = ''): RestCall['query'] {
  if (queryParameters.length === 0 || !url.includes('?')) return {}
  const search = new URLSearchParams(url.slice(url.indexOf('?')))
  const given = queryParameters.flatMap((name) => {
    const [value, ...more] = search.getAll(name)
    if (value === undefined) return []
    return [[name, more.length === 0 ? value : [value, ...more]] as const]
  })
  return Object.fromEntries(given)
}

function directCaller({ name }: Operation): Caller {
  const call = procedureCall(appRouter, name)
  return async ({ context, body, query, path }) => JSON.stringify(await call(context, { ...(body ?? query), ...path }))
}

function bothForms(path: string): string[] {
  return [path, `${path}/`]
}
