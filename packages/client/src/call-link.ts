import type { Operation, OperationResultEnvelope, TRPCClientError, TRPCLink } from '@trpc/client'
import { observable, observableToPromise } from '@trpc/server/observable'
import { asLatchkeyError, calledOff, isHeaders } from './answer.ts'
import { LatchkeyError } from './errors.ts'
import { isObject } from './is-object.ts'
import type { AppRouter } from './router.ts'
import { needsToken, TOKEN } from './transport-link.ts'

/** What a call that succeeded gave. */
export interface Outcome {
  data: unknown
  /** Undefined where somebody has put another transport under the client. */
  headers: Headers | undefined
}

/** What calls need of the session. */
export interface CallParts {
  /** A fresh token; null when nobody is signed in. @throws LatchkeyError */
  fresh: () => Promise<string | null>
  /** Another one of the same session in the place of one that was refused, or null. @throws LatchkeyError */
  insteadOf: (refused: string) => Promise<string | null>
  /** Sees a call begin, and gives what sees it succeed. That may throw, and then the call has failed. */
  follow: (operation: Operation) => (outcome: Outcome) => unknown
}

type Envelope = OperationResultEnvelope<unknown, TRPCClientError<AppRouter>>

/**
 * Gives each call its token and tries it once more with a new one when that is refused: a 401 about the token says that
 * nothing was done, so a mutation is tried again like a query. Each call of a batch is on its own in this.
 *
 * Calls that need no token wait for none. Whatever goes wrong becomes a {@link LatchkeyError}.
 */
export function callLink({ fresh, insteadOf, follow }: CallParts): TRPCLink<AppRouter> {
  async function send(operation: Operation, attempt: () => Promise<Envelope>): Promise<Envelope> {
    if (!needsToken(operation)) return await attempt()
    const token = await fresh()
    operation.context[TOKEN] = token
    try {
      return await attempt()
    } catch (thrown) {
      const error = asLatchkeyError(thrown)
      if (token === null || !isAboutToken(error)) throw error
      const other = await insteadOf(token)
      if (other === null) throw error
      operation.context[TOKEN] = other
      return await attempt()
    }
  }

  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const succeed = follow(op)
        const call = async () => {
          const envelope = await send(op, () => observableToPromise(next(op)))
          await succeed(outcomeOf(envelope))
          return envelope
        }
        const tell = async () => {
          try {
            observer.next(await untilAborted(op.signal, call()))
            observer.complete()
          } catch (thrown) {
            observer.error(asLatchkeyError(thrown))
          }
        }
        void tell()
      })
}

function isAboutToken({ code, status }: LatchkeyError): boolean {
  return status === 401 && (code === 'token_expired' || code === 'invalid_token')
}

/** Waits no longer than the caller does, whatever it is that the call waits for. */
async function untilAborted<T>(signal: AbortSignal | null | undefined, call: Promise<T>): Promise<T> {
  if (signal == null) return await call
  let cease = () => {}
  const aborted = new Promise<never>((_, reject) => {
    const end = () => reject(new LatchkeyError(calledOff(signal.reason) ?? 'aborted', { cause: signal.reason }))
    if (signal.aborted) return end()
    signal.addEventListener('abort', end)
    cease = () => signal.removeEventListener('abort', end)
  })
  try {
    return await Promise.race([call, aborted])
  } finally {
    cease()
  }
}

function outcomeOf({ result, context }: Envelope): Outcome {
  const { response } = context ?? {}
  const headers = isObject(response) && isHeaders(response.headers) ? response.headers : undefined
  return { data: 'data' in result ? result.data : undefined, headers }
}
