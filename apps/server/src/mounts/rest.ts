import { type ApiContext, appRouter, type Operation, operationsOf } from '@latchkey/api'
import type { Core } from '@latchkey/core'
import { callTRPCProcedure } from '@trpc/server'
import { Hono } from 'hono'
import { inTime } from '../edge/deadline.ts'
import type { Edge, EdgeContext } from '../edge/edge.ts'
import { type JsonObject, readJsonObject } from '../edge/json-body.ts'
import { otherMethods } from '../edge/methods.ts'
import { libraryCaller } from './rest-library.ts'

const JSON_TYPE = { 'Content-Type': 'application/json' }

/** One request for an operation: its context, and its body, already read and limited. */
export interface RestCall {
  c: EdgeContext
  context: ApiContext
  body: JsonObject | undefined
}

/** Carries out a call: the JSON text of success, or throws. */
export type Caller = (call: RestCall) => Promise<string>

/** What {@link mountRest} needs. */
export interface RestOptions {
  core: Core
  /** Which operations go past the library; those that are marked hot by default. */
  isHot?: (operation: Operation) => boolean
}

/**
 * Every procedure that has a REST shape, below `/api`, with and without the slash at the end.
 *
 * trpc-to-openapi serves them (62 µs a request). The hot ones are called directly (half of that): same procedure, so
 * same validation, same errors; a test holds both ways to equal answers.
 */
export function mountRest({ core, isHot = ({ hot }) => hot }: RestOptions): Hono<Edge> {
  const app = new Hono<Edge>()
  const operations = operationsOf(appRouter)
  const library = libraryCaller(appRouter)
  for (const operation of operations) {
    const call = isHot(operation) ? directCaller(operation) : library
    app.on(operation.method, bothForms(operation.path), async (c) => {
      const context = contextOf(core, c)
      const body = operation.takesBody ? await readJsonObject(c.env.incoming) : undefined
      return c.body(await inTime(call({ c, context, body })), operation.status, JSON_TYPE)
    })
  }
  for (const [path, group] of Map.groupBy(operations, (operation) => operation.path)) {
    app.all(path, otherMethods(group.map(({ method }) => method)))
    app.all(`${path}/`, otherMethods(group.map(({ method }) => method)))
  }
  return app
}

/** What a procedure gets of a request. */
export function contextOf(core: Core, { env: { incoming }, var: { requestId } }: EdgeContext): ApiContext {
  return { core, authorization: incoming.headers.authorization, requestId }
}

function directCaller({ name, method }: Operation): Caller {
  const type = method === 'GET' ? 'query' : 'mutation'
  return async ({ context, body }) =>
    JSON.stringify(
      await callTRPCProcedure({
        router: appRouter,
        path: name,
        type,
        ctx: context,
        getRawInput: async () => body,
        signal: undefined,
        batchIndex: 0,
      }),
    )
}

function bothForms(path: string): string[] {
  return [path, `${path}/`]
}
