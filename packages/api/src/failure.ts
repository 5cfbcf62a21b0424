import { type ErrorCode, type FieldError, LatchkeyError, type RevisionConflict } from '@latchkey/core'
import { TRPCError } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY, type TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc'
import { ZodError } from 'zod'
import { fieldErrors } from './fields.ts'

/** What a failed tRPC call carries: `error.data` of the client, typed. */
export interface ErrorData {
  code: ErrorCode
  status: number
  /** Names the request in the server's log. */
  requestId: string
  /** Seconds after which trying again makes sense. */
  retryAfter: number | undefined
  /** Which fields are wrong, with `invalid_input`. */
  fields: FieldError[] | undefined
  /** What others saved meanwhile, with `revision_conflict`. */
  conflict: RevisionConflict | undefined
}

/** Seconds to wait where nothing better is known. */
const RETRY_AFTER = 1

/** RFC 6750, 3: who sent no token is told what kind is asked for, and nothing else. */
const REALM = 'Bearer realm="latchkey"'
const CHALLENGES: Partial<Record<ErrorCode, string>> = {
  missing_token: REALM,
  invalid_token: `${REALM}, error="invalid_token", error_description="Invalid access token"`,
  token_expired: `${REALM}, error="invalid_token", error_description="Access token expired"`,
}

/** tRPC's own refusals, in our terms. Bodies are read, and refused, before tRPC sees them. */
const BY_TRPC_CODE: Partial<Record<TRPC_ERROR_CODE_KEY, ErrorCode>> = {
  BAD_REQUEST: 'invalid_input',
  METHOD_NOT_SUPPORTED: 'method_not_allowed',
  NOT_FOUND: 'not_found',
  PARSE_ERROR: 'invalid_input',
}

const TRPC_CODE_BY_STATUS: Record<number, TRPC_ERROR_CODE_KEY> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
}

/** What a caller is told of anything that was thrown. Whatever nobody threw on purpose is a fault of ours. */
export function asLatchkeyError(thrown: unknown): LatchkeyError {
  if (thrown instanceof LatchkeyError) return thrown
  if (!(thrown instanceof TRPCError)) return new LatchkeyError('internal_error', { cause: thrown })
  const { cause } = thrown
  if (cause instanceof LatchkeyError) return cause
  if (thrown.code === 'BAD_REQUEST' && cause instanceof ZodError) {
    return new LatchkeyError('invalid_input', { fields: fieldErrors(cause) })
  }
  const code = BY_TRPC_CODE[thrown.code] ?? 'internal_error'
  const fields = code === 'invalid_input' ? [{ path: [], code: 'call_invalid', message: thrown.message }] : undefined
  return new LatchkeyError(code, { cause: thrown, ...(fields && { fields }) })
}

/** Headers that go along with an error, whatever form its body has. */
export function errorHeaders(error: LatchkeyError): Record<string, string> {
  const seconds = retryAfter(error)
  const challenge = CHALLENGES[error.code]
  const { limit } = error
  return {
    ...(seconds !== undefined && { 'Retry-After': String(seconds) }),
    ...(challenge !== undefined && { 'WWW-Authenticate': challenge }),
    // Structured fields of draft-ietf-httpapi-ratelimit-headers: the limit that is spent, and when it is free again.
    ...(limit && {
      'RateLimit-Policy': `"${limit.name}";q=${limit.limit};w=${limit.windowSeconds}`,
      RateLimit: `"${limit.name}";r=0;t=${seconds}`,
    }),
  }
}

/** Seconds after which trying again makes sense; undefined where it never does. */
function retryAfter({ status, retryAfter: seconds }: LatchkeyError): number | undefined {
  return status === 429 || status === 503 ? (seconds ?? RETRY_AFTER) : undefined
}

/** An error as tRPC shows it. Its number is how tRPC and its client know the kind; it also gives the HTTP status. */
export function trpcError(error: LatchkeyError, requestId: string) {
  const code = TRPC_ERROR_CODES_BY_KEY[TRPC_CODE_BY_STATUS[error.status] ?? 'INTERNAL_SERVER_ERROR']
  const data: ErrorData = {
    code: error.code,
    status: error.status,
    requestId,
    retryAfter: retryAfter(error),
    fields: error.fields,
    conflict: error.conflict,
  }
  return { message: error.message, code, data }
}
