import type { AppRouter } from '@latchkey/api'
import { TRPCClientError } from '@trpc/client'

/** A call that the server refused. `data.code` says why; without `data` there was no answer of the server at all. */
export type LatchkeyClientError = TRPCClientError<AppRouter>

/** Whether a call failed, and not something else: `if (isLatchkeyError(error) && error.data?.code === 'email_taken')`. */
export function isLatchkeyError(error: unknown): error is LatchkeyClientError {
  return error instanceof TRPCClientError
}
