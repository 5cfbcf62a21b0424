import type { Client } from './client.ts'

const PASSWORD = 'a password for torture'

/** What a client knows of its session. */
export interface Session {
  email: string
  accessToken: string
  refreshToken: string
  /** Every refresh token of it, the oldest first. */
  chain: string[]
}

let accounts = 0

/** Registers an account. @returns its address; undefined when the run is over */
export async function register(client: Client): Promise<string | undefined> {
  const email = `${client.name}-${Date.now().toString(36)}-${++accounts}@example.com`
  const answer = await client.insist(() => ({
    method: 'POST',
    path: '/api/register',
    body: { email, password: PASSWORD },
  }))
  if (answer === undefined) return undefined
  // Taken by a try whose answer was lost: it is there, which is all that was wanted.
  const isThere = answer.status === 201 || (answer.status === 409 && answer.tries > 1)
  if (!isThere) client.violated('only-told-faults', `registration was answered with ${answer.status}`)
  return email
}

/** Logs in. An account that was there before has to be there still. */
export async function logIn(client: Client, email: string): Promise<Session | undefined> {
  const answer = await client.insist(() => ({
    method: 'POST',
    path: '/api/login',
    body: { email, password: PASSWORD },
  }))
  if (answer === undefined) return undefined
  if (answer.status !== 200) {
    client.violated('no-write-lost', `the account is registered, and its login is answered with ${answer.status}`)
    return undefined
  }
  const { accessToken, refreshToken } = tokensOf(answer.body)
  return { email, accessToken, refreshToken, chain: [refreshToken] }
}

/**
 * Exchanges the newest refresh token, as a client of ours does: with the same token again until it is answered.
 *
 * @returns what came of it; undefined when the run is over
 */
export async function exchange(client: Client, session: Session): Promise<'rotated' | 'refused' | undefined> {
  const parent = session.refreshToken
  const answer = await client.insist(() => ({ method: 'POST', path: '/api/refresh', body: { refresh_token: parent } }))
  if (answer === undefined) return undefined
  if (answer.status === 401) return 'refused'
  if (answer.status !== 200) {
    client.violated('only-told-faults', `a refresh was answered with ${answer.status}`)
    return undefined
  }
  const pair = tokensOf(answer.body)
  if (session.chain.includes(pair.refreshToken)) client.violated('one-live-token', 'a refresh gave a token that is old')
  session.accessToken = pair.accessToken
  session.refreshToken = pair.refreshToken
  session.chain.push(pair.refreshToken)
  return 'rotated'
}

/** Presents a token of a session that is over: whoever gets anything for it has brought it back. */
export async function insistOnEnd(client: Client, token: string): Promise<void> {
  const answer = await client.insist(() => ({ method: 'POST', path: '/api/refresh', body: { refresh_token: token } }))
  if (answer !== undefined && answer.status !== 401) {
    client.violated('ended-stays-ended', `a token of an ended session was answered with ${answer.status}`)
  }
}

/** The pair in an answer. */
export function tokensOf(body: Record<string, unknown>): { accessToken: string; refreshToken: string } {
  return { accessToken: String(body['access_token']), refreshToken: String(body['refresh_token']) }
}
