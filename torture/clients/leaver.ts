import type { Client } from './client.ts'
import { exchange, insistOnEnd, logIn, register } from './session.ts'

/** Logs in and out, again and again. Once it was told that it is out, no token of that session is ever good for anything. */
export async function beLeaver(client: Client): Promise<void> {
  const email = await register(client)
  if (email === undefined) return
  const ended: string[] = []
  while (await client.pause(200, 800)) {
    const session = await logIn(client, email)
    if (session === undefined) return
    const outcome = await exchange(client, session)
    if (outcome === undefined) return
    if (outcome === 'refused') return client.violated('no-honest-logout', 'it was refused before it logged out')
    const token = client.random.pick(session.chain)
    const answer = await client.insist(() => ({ method: 'POST', path: '/api/logout', body: { refresh_token: token } }))
    if (answer === undefined) return
    // 401: a try whose answer was lost has done it.
    const isOut = answer.status === 200 || (answer.status === 401 && answer.tries > 1)
    if (!isOut) return client.violated('only-told-faults', `a logout was answered with ${answer.status}`)
    ended.push(...session.chain)
    await insistOnEnd(client, client.random.pick(ended))
  }
}
