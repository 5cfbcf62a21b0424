import { LatchkeyError, type LatchkeyErrorCode, type LatchkeyErrorDetails } from './errors.ts'
import { isObject } from './is-object.ts'

/** How one request is made. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What came back, read as JSON. */
export interface Answer {
  status: number
  headers: Headers
  body: unknown
}

/**
 * Makes one request and reads its answer as JSON.
 *
 * @throws LatchkeyError `offline`, `timeout`, `aborted`; `unreadable_answer`, or what the status says, when it is no JSON
 */
export async function request(fetch: Fetch, url: string, init: RequestInit): Promise<Answer> {
  const { response, text } = await send(fetch, url, init)
  const { status, headers } = response
  try {
    return { status, headers, body: JSON.parse(text) }
  } catch (cause) {
    throw foreignAnswer(status, headers, cause)
  }
}

/**
 * The data of tRPC's answer to one call.
 *
 * @throws LatchkeyError what the server says; `unreadable_answer`, or what the status says, when somebody else answered
 */
export function dataOf({ status, headers, body }: Answer): unknown {
  const { result, error } = isObject(body) ? body : {}
  if (isObject(result)) return result.data
  throw isShape(error) ? new LatchkeyError(error.data.code, { shape: error }) : foreignAnswer(status, headers)
}

/** Whatever a call of tRPC ended with, as the one error that callers know. */
export function asLatchkeyError(thrown: unknown): LatchkeyError {
  if (thrown instanceof LatchkeyError) return thrown
  const { cause, shape, meta } = isObject(thrown) ? thrown : {}
  if (cause instanceof LatchkeyError) return cause
  if (isShape(shape)) return new LatchkeyError(shape.data.code, { shape, cause: thrown })
  const response = isObject(meta) ? meta.response : undefined
  if (isObject(response) && typeof response.status === 'number' && isHeaders(response.headers)) {
    return foreignAnswer(response.status, response.headers, thrown)
  }
  // What tRPC could not even send: it is no JSON, or too long for a URL.
  return new LatchkeyError(calledOff(cause ?? thrown) ?? 'invalid_input', { cause: thrown })
}

/** Why a call was called off; undefined if it was not. */
export function calledOff(reason: unknown): 'timeout' | 'aborted' | undefined {
  const { name } = isObject(reason) ? reason : {}
  if (name === 'TimeoutError') return 'timeout'
  return name === 'AbortError' ? 'aborted' : undefined
}

async function send(fetch: Fetch, url: string, init: RequestInit): Promise<{ response: Response; text: string }> {
  try {
    // What is sent holds a password or a token: nobody in between sends it elsewhere.
    const response = await fetch(url, { ...init, redirect: 'error' })
    return { response, text: await response.text() }
  } catch (cause) {
    if (init.signal?.aborted) throw new LatchkeyError(calledOff(init.signal.reason) ?? 'aborted', { cause })
    throw new LatchkeyError(calledOff(cause) ?? 'offline', { cause })
  }
}

/** What gateways say for a server that is away, or too busy. A captive portal may say anything. */
const BY_STATUS: Record<number, LatchkeyErrorCode> = {
  429: 'too_many_requests',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
}

function foreignAnswer(status: number, headers: Headers, cause?: unknown): LatchkeyError {
  // A date instead of seconds would need a clock that is right.
  const seconds = Number.parseInt(headers.get('retry-after') ?? '', 10)
  const retryAfter = Number.isNaN(seconds) ? undefined : seconds
  return new LatchkeyError(BY_STATUS[status] ?? 'unreadable_answer', { status, retryAfter, cause })
}

/** Some servers put their own classes in the place of the platform's, so this looks at what it can do. */
export function isHeaders(value: unknown): value is Headers {
  return isObject(value) && typeof value.get === 'function'
}

/** An error as this server tells it, and nobody else. */
function isShape(value: unknown): value is NonNullable<LatchkeyErrorDetails['shape']> {
  return (
    isObject(value) &&
    isObject(value.data) &&
    typeof value.data.code === 'string' &&
    typeof value.data.status === 'number'
  )
}
