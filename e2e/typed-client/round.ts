import { createLatchkeyClient, isLatchkeyError } from '@latchkey/client'

/** What came back, step by step. */
export interface Round {
  id: number
  usernames: string[]
  /** Where the account is logged in. */
  sessions: { current: boolean }[]
  /** What the listeners heard. */
  events: string[]
  /** Why a call is refused after the logout. */
  afterwards: string | undefined
}

/** The whole life of a session: register, log in, look, change, log out. */
export async function goRound(url: string, account: { email: string; password: string }): Promise<Round> {
  const latchkey = createLatchkeyClient({ url })
  const events: string[] = []
  latchkey.on((event) => void events.push(event))

  const { id } = await latchkey.register(account)
  const { username } = await latchkey.login(account)
  const changed = await latchkey.updateMe({ username: 'John Smith' })
  const { username: after } = await latchkey.me()
  const sessions = await latchkey.sessions.list()
  await latchkey.logout()
  const afterwards = await whyRefused(latchkey.me())
  return { id, usernames: [username, changed.username, after], sessions, events, afterwards }
}

async function whyRefused(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    return error.code
  }
}
