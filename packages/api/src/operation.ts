import type { ErrorCode } from '@latchkey/core'
import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server'
import type { OpenApiMeta, OpenApiMethod } from 'trpc-to-openapi'
import { z } from 'zod'

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
  /** What it has to do with the number of the settings: success names it (`ETag`), or the call must too (`If-Match`). */
  revision?: RevisionHeaders
  /** Whether it takes a device proof (`Latchkey-Device`), and gives one. */
  device?: boolean
  /** Whether a call can be tried again with the same `Idempotency-Key`. */
  retry?: boolean
  examples: Examples
}

/** See {@link RestOptions}. */
export type RevisionHeaders = 'answered' | 'asked'

/** What stands in the path, and the bodies, as the contract has them. */
export interface Examples {
  path?: Record<string, string | number>
  request?: object
  response: object
}

/** What stands in the meta of a procedure: for the REST library, and for ourselves. */
export type OperationMeta = OpenApiMeta<{
  /** Whether it takes an access token. */
  session?: boolean
  /** Whether that has to be one of an admin. */
  admin?: boolean
  rest?: RestOptions
}>

/** One REST operation: drawn from a procedure's meta, and all that routes, document and pages need to know of it. */
export interface Operation {
  /** The procedure behind it, as tRPC calls it: `auth.login`. */
  name: string
  method: OpenApiMethod
  /** Without the slash at the end, its parameters in braces: `/api/admin/users/{id}`. */
  path: string
  /** The names of the parameters in the path. */
  pathParameters: string[]
  /** The names of those that the query may have. */
  queryParameters: string[]
  takesBody: boolean
  /** Whether it takes an access token. */
  session: boolean
  /** Whether that has to be one of an admin. */
  admin: boolean
  summary: string
  description: string
  /** Every error it can really answer with. */
  errors: ErrorCode[]
  status: 200 | 201
  hot: boolean
  revision: RevisionHeaders | undefined
  device: boolean
  retry: boolean
  examples: Examples
}

const ALWAYS: ErrorCode[] = ['internal_error', 'unavailable']
const WITH_BODY: ErrorCode[] = ['invalid_json', 'invalid_input', 'body_too_large', 'unsupported_media_type']
const WITH_PARAMETERS: ErrorCode[] = ['invalid_input']
const WITH_SESSION: ErrorCode[] = ['missing_token', 'invalid_token', 'token_expired']
const WITH_ADMIN: ErrorCode[] = ['admin_required', 'password_change_required']

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

function operationOf(name: string, { _def }: AnyTRPCProcedure): Operation[] {
  const { openapi, rest: options, session = false, admin = false } = _def.meta as OperationMeta
  if (openapi === undefined || options === undefined) return []
  const { method, path } = openapi
  const { summary, description, errors = [], status = 200, examples } = options
  const { hot = false, revision, device = false, retry = false } = options
  const pathParameters = Array.from(path.matchAll(/\{(\w+)\}/g), ([, parameter = '']) => parameter)
  const others = inputKeys(_def).filter((key) => !pathParameters.includes(key))
  const takesQuery = method === 'GET' || method === 'DELETE'
  const takesBody = !takesQuery && others.length > 0
  const takesParameters = pathParameters.length + others.length > 0
  return [
    {
      name,
      method,
      path,
      pathParameters,
      queryParameters: takesQuery ? others : [],
      takesBody,
      session,
      admin,
      summary,
      description,
      errors: [
        ...(takesBody ? WITH_BODY : takesParameters ? WITH_PARAMETERS : []),
        ...(session ? WITH_SESSION : []),
        ...(admin ? WITH_ADMIN : []),
        ...errors,
        ...ALWAYS,
      ],
      status,
      hot,
      revision,
      device,
      retry,
      examples,
    },
  ]
}

/** The fields of a procedure's input. tRPC keeps its schemas there, and its types hide them. */
function inputKeys(definition: object): string[] {
  const schemas: unknown[] = 'inputs' in definition && Array.isArray(definition.inputs) ? definition.inputs : []
  return schemas.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []))
}

/** tRPC keeps the procedures of all routers in one record, by their whole name; its types show the routers nested. */
function isProcedure(value: unknown): value is AnyTRPCProcedure {
  return typeof value === 'function' && '_def' in value
}
