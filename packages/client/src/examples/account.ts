import { latchkey } from './start.ts'

/** Changes the name, and gives the account as it is then. */
export const rename = (username: string) => latchkey.updateMe({ username })

/** Where the account is logged in, in words. */
export async function devices(): Promise<string[]> {
  const sessions = await latchkey.sessions.list()
  return sessions.map(({ device, current }) => `${device ?? 'an app'}${current ? ' (this one)' : ''}`)
}

/** For admins: who has registered lately. */
export async function newUsers(): Promise<string[]> {
  const { items } = await latchkey.api.admin.users.list.query({ sort: 'created', limit: 10 })
  return items.map(({ email }) => email)
}
