import { createLatchkeyClient } from '@latchkey/client'

export const latchkey = createLatchkeyClient({ url: 'http://localhost:8000' })

/** Makes an account and logs in. */
export async function join(email: string, password: string): Promise<void> {
  await latchkey.register({ email, password })
  await latchkey.login({ email, password })
}

/** Says who is there, now and whenever that changes, in this tab or in another. */
export function watch(show: (text: string) => void): () => void {
  return latchkey.on((_, session) => show(session ? `Hello ${session.username || session.userId}` : 'Log in'))
}
