import { appRouter, asLatchkeyError, errorHeaders } from '@latchkey/api'
import type { Core } from '@latchkey/core'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'
import { inTime } from '../edge/deadline.ts'
import type { Edge, EdgeContext } from '../edge/edge.ts'
import { readJsonObject } from '../edge/json-body.ts'
import { allowOf, otherMethods } from '../edge/methods.ts'
import { logFault } from '../edge/refuse.ts'
import { contextOf } from './rest.ts'

const ENDPOINT = '/trpc'
const METHODS = ['GET', 'POST']
const JSON_TYPE = { 'Content-Type': 'application/json' }
/** Calls in one batch. */
const BATCH_MAX = 10

/** The same procedures for typed clients. Limits, refusals and errors are those of REST, told as tRPC data. */
export function mountTrpc({ core, log }: { core: Core; log: Logger }): Hono<Edge> {
  const app = new Hono<Edge>()
  app.on(METHODS, `${ENDPOINT}/*`, async (c) => {
    // Of one call among ten nobody would know whose header it is: the input says it here. (An `Idempotency-Key` may be that
    // of all: it is bound to the refresh token that it comes with.)
    const context = { ...contextOf(core, c), ifMatch: undefined, setHeader: () => {} }
    const answered = fetchRequestHandler({
      endpoint: ENDPOINT,
      router: appRouter,
      req: await requestOf(c),
      createContext: () => context,
      maxBatchSize: BATCH_MAX,
      // tRPC has one number for 500 and 503; our data says which.
      responseMeta: ({ data }) => ({
        status: commonStatus(data.map((each) => ('error' in each ? each.error.data.status : 200))),
      }),
      onError({ error, type, ctx }) {
        const told = asLatchkeyError(error)
        // The whole request is refused before there is a context, which knows the request's id: the edge tells it.
        if (ctx === undefined) throw told
        logFault(log, told, context.requestId)
        for (const [name, value] of Object.entries(errorHeaders(told))) c.env.outgoing.setHeader(name, value)
        if (told.code === 'method_not_allowed') {
          c.env.outgoing.setHeader('Allow', allowOf([type === 'query' ? 'GET' : 'POST']))
        }
      },
    })
    const answer = await inTime(answered)
    return c.body(await answer.text(), answer.status as ContentfulStatusCode, JSON_TYPE)
  })
  app.all(`${ENDPOINT}/*`, otherMethods(METHODS))
  return app
}

/** What tRPC needs of the request: its body read and limited by us, and nothing that would make it stream. */
async function requestOf({ req, env: { incoming } }: EdgeContext): Promise<Request> {
  const url = new URL(req.url)
  // Meant for subscriptions over WebSockets, of which there are none; tRPC reads it everywhere.
  url.searchParams.delete('connectionParams')
  if (req.method !== 'POST') return new Request(url)
  const body = JSON.stringify(await readJsonObject(incoming))
  return new Request(url, { method: 'POST', headers: JSON_TYPE, body })
}

/** The status of a batch: 207 (RFC 4918, 11.1) unless its calls agree. */
function commonStatus(statuses: number[]): number {
  const [first = 207, ...others] = new Set(statuses)
  return others.length === 0 ? first : 207
}
