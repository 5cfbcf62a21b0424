import { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiContext, AppRouter } from '@latchkey/api'
import type { TRPCError } from '@trpc/server'
import type { JsonObject } from '../edge/json-body.ts'
import type { Caller, RestCall } from './rest.ts'

/** The request as the library gets it: body, query and path read by us, HEAD asked as GET. */
class LibraryRequest extends IncomingMessage {
  readonly body: JsonObject | undefined
  readonly query: RestCall['query']
  readonly context: ApiContext
  /** What the procedure threw. */
  failure: TRPCError | undefined

  constructor({ c: { env }, context, operation, body, query, path }: RestCall) {
    super(env.incoming.socket)
    const { method } = operation
    // The library would not decode the path, and stumbles over `?constructor=`.
    const url = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''))
    // The mount has judged the type; the library knows one spelling of it, and wants it where there is no body too.
    Object.assign(this, { method, url, headers: { ...env.incoming.headers, 'content-type': 'application/json' } })
    this.body = body
    this.query = query
    this.context = context
  }
}

/** The answer as the library gives it; never sent. */
class LibraryResponse extends ServerResponse {
  text = ''

  override end(text?: unknown): this {
    this.text = String(text)
    return this
  }
}

/**
 * Calls procedures through trpc-to-openapi's handler for Node, which is built once (building it for each request, as its
 * fetch handler does, costs 600 µs). It finds the procedure by method and path and reads path and query. Statuses,
 * headers and errors are ours.
 *
 * The library brings its document generator along (150 ms), so it is loaded while the server already listens.
 */
export function libraryCaller(router: AppRouter): Caller {
  const handler = import('trpc-to-openapi').then(({ createOpenApiNodeHttpHandler }) =>
    createOpenApiNodeHttpHandler<AppRouter, LibraryRequest, LibraryResponse>({
      router,
      createContext: async ({ req }) => req.context,
      onError: ({ req, error }) => {
        req.failure = error
      },
    }),
  )
  return async (call) => {
    const request = new LibraryRequest(call)
    const response = new LibraryResponse(request)
    await (await handler)(request, response)
    if (request.failure !== undefined) throw request.failure
    return response.text
  }
}
