import { LatchkeyError, type LatchkeyErrorDetails } from '../errors.ts'

/** Milliseconds for which one answer is awaited. */
const TIMEOUT_MS = 3000

/** One call: a procedure of the server, as tRPC names it, its input, and what goes along in headers. */
export interface ServerCall {
  procedure: 'auth.login' | 'auth.logout' | 'auth.refresh' | 'auth.register'
  input: object
  headers: Record<string, string>
}

/** What the server said to a call that succeeded. */
export interface ServerAnswer {
  data: unknown
  headers: Headers
}

/** Makes one call. @throws LatchkeyError */
export type CallServer = (call: ServerCall) => Promise<ServerAnswer>

/** Makes the one way to the server at this URL: a POST, whose answer is awaited for three seconds. */
export function createCallServer(url: string): CallServer {
  const endpoint = `${url.replace(/\/+$/, '')}/trpc`
  return async ({ procedure, input, headers: more }) => {
    const { status, headers, body } = await send(`${endpoint}/${procedure}`, {
      method: 'POST',
      headers: { ...more, 'Content-Type': 'application/json' },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // Nobody who sits between shall send tokens elsewhere.
      redirect: 'manual',
    })
    const { result, error } = parse(body)
    if (isObject(result)) return { data: result['data'], headers }
    if (isShape(error)) throw new LatchkeyError(error.data.code, { shape: error })
    throw new LatchkeyError('unreadable_answer', { status, retryAfter: secondsOf(headers) })
  }
}

async function send(url: string, init: RequestInit): Promise<{ status: number; headers: Headers; body: string }> {
  try {
    const answer = await fetch(url, init)
    return { status: answer.status, headers: answer.headers, body: await answer.text() }
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    throw new LatchkeyError(isLate ? 'timeout' : 'offline', { cause: error })
  }
}

/** `Retry-After` in seconds. A proxy may give a date instead: that needs a clock that is right, and is left out. */
function secondsOf(headers: Headers): number | undefined {
  const seconds = Number.parseInt(headers.get('Retry-After') ?? '', 10)
  return Number.isNaN(seconds) ? undefined : seconds
}

/** The body of an answer; of one that is none of the server's, nothing. */
function parse(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text)
    return isObject(body) ? body : {}
  } catch {
    return {}
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** A failure as our server tells it, and nobody else. */
function isShape(value: unknown): value is NonNullable<LatchkeyErrorDetails['shape']> {
  return isObject(value) && isObject(value['data']) && typeof value['data']['code'] === 'string'
}
