import type { ErrorCode } from '@latchkey/core'
import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server'
import type { OpenApiMeta, OpenApiMethod } from 'trpc-to-openapi'

/** Where REST lives. */
const BASE_PATH = '/api'

/** What the author of a procedure says of its REST shape. */
interface RestOptions {
  /** A few words, in the imperative. */
  summary: string
  /** What one has to know to call it right. */
  description: string
  /** What this operation refuses. What all refuse (bad bodies, a database that is away) is added by itself. */
  errors?: ErrorCode[]
  /** The status of success. */
  status?: 200 | 201
  /** Carries the load: the server gives it a route of its own, past the REST library. */
  hot?: boolean
  /** Bodies, as the contract has them. */
  examples: { request?: object; response: object }
}

/** What stands in the meta of a procedure: for the REST library, and for ourselves. */
export type OperationMeta = OpenApiMeta<{
  /** Whether it takes an access token. */
  session?: boolean
  rest?: RestOptions
}>

/** One REST operation: drawn from a procedure's meta, and all that routes, document and pages need to know of it. */
export interface Operation {
  /** The procedure behind it, as tRPC calls it: `auth.login`. */
  name: string
  method: OpenApiMethod
  /** Without the slash at the end: `/api/login`. */
  path: string
  takesBody: boolean
  /** Whether it takes an access token. */
  session: boolean
  summary: string
  description: string
  /** Every error it can really answer with. */
  errors: ErrorCode[]
  status: 200 | 201
  hot: boolean
  examples: { request?: object; response: object }
}

const ALWAYS: ErrorCode[] = ['internal_error', 'unavailable']
const WITH_BODY: ErrorCode[] = ['invalid_json', 'invalid_input', 'body_too_large', 'unsupported_media_type']
const WITH_SESSION: ErrorCode[] = ['missing_token', 'invalid_token', 'token_expired']

/** The meta that gives a procedure its REST shape. */
export function rest(method: OpenApiMethod, path: `/${string}`, options: RestOptions): OperationMeta {
  const { summary, description } = options
  // The answers that the library would document are not those that are sent; `openapi.ts` writes them.
  return { openapi: { method, path: `${BASE_PATH}${path}`, summary, description, errorResponses: [] }, rest: options }
}

/** All REST operations of a router, in the order of its procedures. */
export function operationsOf({ _def: { procedures } }: AnyTRPCRouter): Operation[] {
  return Object.entries(procedures).flatMap(([name, procedure]) =>
    isProcedure(procedure) ? operationOf(name, procedure) : [],
  )
}

function operationOf(name: string, { _def: { meta } }: AnyTRPCProcedure): Operation[] {
  const { openapi, rest: options, session = false } = meta as OperationMeta
  if (openapi === undefined || options === undefined) return []
  const { method, path } = openapi
  const { summary, description, errors = [], status = 200, hot = false, examples } = options
  const takesBody = method !== 'GET' && method !== 'DELETE'
  return [
    {
      name,
      method,
      path,
      takesBody,
      session,
      summary,
      description,
      errors: [...(takesBody ? WITH_BODY : []), ...(session ? WITH_SESSION : []), ...errors, ...ALWAYS],
      status,
      hot,
      examples,
    },
  ]
}

/** tRPC keeps the procedures of all routers in one record, by their whole name; its types show the routers nested. */
function isProcedure(value: unknown): value is AnyTRPCProcedure {
  return typeof value === 'function' && '_def' in value
}
