import { type Answer, dataOf, type Fetch, request } from './answer.ts'

/** Where the server is, and how it is asked. */
export interface Server {
  /** Where tRPC is; without a slash at the end. */
  endpoint: string
  fetch: Fetch
  /** What goes along with each request. */
  headers: Record<string, string>
}

/**
 * Exchanges a refresh token, and gives what the server said.
 *
 * @param options.key the same for each try to exchange this token, so that the server can tell them from a replay
 * @throws LatchkeyError
 */
export async function askForRefresh(
  server: Server,
  { refreshToken, key, signal }: { refreshToken: string; key: string; signal: AbortSignal },
): Promise<unknown> {
  const input = { refresh_token: refreshToken }
  return dataOf(await post(server, 'auth.refresh', input, { signal, headers: { 'idempotency-key': key } }))
}

/** Ends a session; any of its tokens will do. @throws LatchkeyError */
export async function askForLogout(
  server: Server,
  { refreshToken, signal }: { refreshToken: string; signal: AbortSignal },
): Promise<void> {
  // Who logs out often leaves the page: the request outlives it.
  dataOf(await post(server, 'auth.logout', { refresh_token: refreshToken }, { signal, keepalive: true }))
}

/** Calls one procedure, outside of tRPC's client, and gives what came back. @throws LatchkeyError when nothing did */
export async function post(
  server: Server,
  procedure: string,
  input: object,
  { headers, ...init }: { signal: AbortSignal; headers?: Record<string, string>; keepalive?: boolean },
): Promise<Answer> {
  return await request(server.fetch, `${server.endpoint}/${procedure}`, {
    ...init,
    method: 'POST',
    headers: { ...server.headers, ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
}
