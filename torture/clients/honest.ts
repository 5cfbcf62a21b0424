import type { Client } from './client.ts'
import { exchange, logIn, register, type Session } from './session.ts'

/** How long a try that was not answered may still take effect: longer than a server lets a statement run. */
const UNKNOWN_FOR_MS = 10_000

/** What a client has written, and what may be there. */
interface Ledger {
  /** The username that was answered with success last. */
  acknowledged: string
  /** Tries whose answer was lost, and when. */
  unknown: { username: string; at: number }[]
}

/**
 * Keeps to the rules: one tab, refreshes, changes its username and looks whether it is there. It is never logged out, and
 * finds whatever it was told to be written.
 *
 * @returns its session at the end; undefined when there was none
 */
export async function beHonest(client: Client): Promise<Session | undefined> {
  const email = await register(client)
  const session = email === undefined ? undefined : await logIn(client, email)
  if (session === undefined) return undefined
  const ledger: Ledger = { acknowledged: '', unknown: [] }
  while (await client.pause(500, 1500)) {
    const act = client.random.pick(['refresh', 'refresh', 'write', 'read'] as const)
    if (act === 'refresh') await refresh(client, session)
    else if (act === 'write') await write(client, session, ledger)
    else await read(client, session, ledger)
  }
  return session
}

async function refresh(client: Client, session: Session): Promise<void> {
  if ((await exchange(client, session)) !== 'refused') return
  client.violated('no-honest-logout', 'its newest refresh token was refused')
}

let written = 0

async function write(client: Client, session: Session, ledger: Ledger): Promise<void> {
  const username = `name-${++written}`
  const answer = await client.insist(() => {
    ledger.unknown.push({ username, at: performance.now() })
    const { accessToken } = session
    return { method: 'PUT', path: '/api/me', body: { username }, accessToken }
  })
  if (answer === undefined) return
  // This try was answered: only those before it may still take effect.
  ledger.unknown.pop()
  if (answer.status === 401) return await refresh(client, session)
  if (answer.status !== 200) return client.violated('only-told-faults', `a change was answered with ${answer.status}`)
  if (answer.body['username'] !== username) client.violated('no-write-lost', 'a change was answered with another value')
  ledger.acknowledged = username
  const now = performance.now()
  ledger.unknown = ledger.unknown.filter(({ at }) => now - at < UNKNOWN_FOR_MS)
}

async function read(client: Client, session: Session, ledger: Ledger): Promise<void> {
  const answer = await client.insist(() => ({ method: 'GET', path: '/api/me', accessToken: session.accessToken }))
  if (answer === undefined) return
  if (answer.status === 401) return await refresh(client, session)
  const found = answer.body['username']
  if (found === ledger.acknowledged || ledger.unknown.some(({ username }) => username === found)) return
  client.violated(
    'no-write-lost',
    `its username is ${String(found)}, and it was told that it is ${ledger.acknowledged}`,
  )
}
