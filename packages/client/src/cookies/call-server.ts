import { dataOf, request } from '../answer.ts'

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
  return async ({ procedure, input, headers }) => {
    const answer = await request(fetch, `${endpoint}/${procedure}`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return { data: dataOf(answer), headers: answer.headers }
  }
}
