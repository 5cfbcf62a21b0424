import type { Client } from './client.ts'
import { logIn, register, type Session, tokensOf } from './session.ts'

/**
 * Two tabs of one browser that share their storage and know nothing of each other. Both refresh when they like, often at
 * once; one that is refused looks into the storage again, and tries the newer token once. Neither is ever logged out, and
 * both always get the same successor.
 */
export async function beTwoTabs(client: Client): Promise<Session | undefined> {
  const email = await register(client)
  const session = email === undefined ? undefined : await logIn(client, email)
  if (session === undefined) return undefined
  /** By parent: whoever asks with the same one has to get the same. */
  const successors = new Map<string, string>()
  // Longer than a request can be under way: a tab does not get two generations ahead of what the other has sent.
  while (await client.pause(2500, 4000))
    await Promise.all([refresh(client, session, successors), refresh(client, session, successors)])
  return session
}

async function refresh(client: Client, session: Session, successors: Map<string, string>): Promise<void> {
  for (let tries = 0; tries < 2; tries++) {
    let presented = session.refreshToken
    const answer = await client.insist(() => {
      presented = session.refreshToken
      return { method: 'POST', path: '/api/refresh', body: { refresh_token: presented } }
    })
    if (answer === undefined) return
    if (answer.status === 200) return keep(client, session, successors, presented, tokensOf(answer.body))
    if (answer.status !== 401)
      return client.violated('only-told-faults', `a refresh was answered with ${answer.status}`)
    if (session.refreshToken === presented) break
  }
  client.violated('no-honest-logout', 'one of two tabs was refused with the newest token')
}

function keep(
  client: Client,
  session: Session,
  successors: Map<string, string>,
  parent: string,
  pair: { accessToken: string; refreshToken: string },
): void {
  const known = successors.get(parent)
  if (known !== undefined && known !== pair.refreshToken) {
    client.violated('one-live-token', 'two tabs got different successors of one token')
  }
  if (known !== undefined) return
  successors.set(parent, pair.refreshToken)
  session.accessToken = pair.accessToken
  session.refreshToken = pair.refreshToken
  session.chain.push(pair.refreshToken)
}
