import { TRPCClientError } from '@trpc/client'
import type { AppRouter, FieldError, RevisionConflict, ServerErrorCode } from './router.ts'

/** What goes wrong before the server has answered, or instead of its answer. */
const CLIENT_ERRORS = {
  /** There was no connection. */
  offline: 'The server cannot be reached',
  /** There was no answer in time. */
  timeout: 'The server did not answer in time',
  /** The call was called off by its `signal`. */
  aborted: 'The call was called off',
  /** The answer was none of the server's: the page of a proxy, or of a captive portal. */
  unreadable_answer: 'The answer is not one of the server',
  /** Meanwhile another session began, or this one was ended on purpose: the call counts no more. */
  superseded: 'A later login or logout came first',
} as const

/** Every reason for which a call fails. */
export type LatchkeyErrorCode = ServerErrorCode | keyof typeof CLIENT_ERRORS

type Base = TRPCClientError<AppRouter>

/** What goes along with a {@link LatchkeyError}. */
export interface LatchkeyErrorDetails {
  /** HTTP status of the answer, if there was one. */
  status?: number | undefined
  /** Seconds after which trying again makes sense. */
  retryAfter?: number | undefined
  /** What the server said, as tRPC tells it. */
  shape?: Base['shape']
  /** What went wrong underneath. */
  cause?: unknown
}

/**
 * The one error of every call. Decide by its `code`.
 *
 * It is a `TRPCClientError`, too, so that what is made for tRPC knows it; nothing else of that one is needed.
 */
export class LatchkeyError extends TRPCClientError<AppRouter> {
  readonly code: LatchkeyErrorCode
  /** The HTTP status; undefined when there was no answer. */
  readonly status: number | undefined
  /** Names the request in the server's log. */
  readonly requestId: string | undefined
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number | undefined
  /** Which fields are wrong, with `invalid_input`. */
  readonly fields: FieldError[] | undefined
  /** What others saved meanwhile, with `revision_conflict`. */
  readonly conflict: RevisionConflict | undefined

  constructor(code: LatchkeyErrorCode, { status, retryAfter, shape, cause }: LatchkeyErrorDetails = {}) {
    const message = code in CLIENT_ERRORS ? CLIENT_ERRORS[code as keyof typeof CLIENT_ERRORS] : (shape?.message ?? code)
    super(message, {
      ...(shape && { result: { error: shape } }),
      ...(cause instanceof Error && { cause }),
    })
    // tRPC's constructor makes every subclass one of its own.
    Object.setPrototypeOf(this, new.target.prototype)
    this.name = 'LatchkeyError'
    this.code = code
    this.status = shape?.data.status ?? status
    this.requestId = shape?.data.requestId
    this.retryAfter = shape?.data.retryAfter ?? retryAfter
    this.fields = shape?.data.fields
    this.conflict = shape?.data.conflict
  }
}

/** Whether a call failed, and how: `if (isLatchkeyError(error) && error.code === 'email_taken')`. */
export function isLatchkeyError(error: unknown): error is LatchkeyError {
  return error instanceof LatchkeyError
}
