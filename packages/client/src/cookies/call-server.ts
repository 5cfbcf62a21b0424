import { dataOf } from '../answer.ts'
import { post, type Server } from '../server.ts'

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
  // Looked up with each call: what an app puts in its place later counts.
  const server: Server = {
    endpoint: `${url.replace(/\/+$/, '')}/trpc`,
    fetch: (...request) => fetch(...request),
    headers: {},
  }
  return async ({ procedure, input, headers }) => {
    const answer = await post(server, procedure, input, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
    return { data: dataOf(answer), headers: answer.headers }
  }
}
