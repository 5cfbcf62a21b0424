import type { Client } from './client.ts'
import { exchange, insistOnEnd, logIn, register } from './session.ts'

/**
 * Somebody whose refresh token is stolen, again and again: the thief presents it when it is old. That ends the session, for
 * both, and for good; the next login is another one.
 */
export async function beVictim(client: Client): Promise<void> {
  const email = await register(client)
  if (email === undefined) return
  const ended: string[] = []
  while (await client.pause(200, 800)) {
    const session = await logIn(client, email)
    if (session === undefined) return
    const [stolen = ''] = session.chain
    // The parent and its parent may still be honest; three generations on nobody honest has it.
    for (let generation = 0; generation < 3; generation++) {
      const outcome = await exchange(client, session)
      if (outcome === undefined) return
      if (outcome === 'refused') return client.violated('no-honest-logout', 'it was refused before anything was stolen')
      if (!(await client.pause(100, 500))) return
    }
    const theft = await client.insist(() => ({ method: 'POST', path: '/api/refresh', body: { refresh_token: stolen } }))
    if (theft === undefined) return
    if (theft.status !== 401)
      return client.violated('theft-ends-session', `an old token was answered with ${theft.status}`)
    const after = await exchange(client, session)
    if (after === 'rotated')
      return client.violated('theft-ends-session', 'a session went on after one of its old tokens came')
    ended.push(session.refreshToken)
    await insistOnEnd(client, client.random.pick(ended))
  }
}
