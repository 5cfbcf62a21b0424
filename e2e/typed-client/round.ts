import { createLatchkeyClient, isLatchkeyError } from '@latchkey/client'

/** What came back, step by step. */
export interface Round {
  id: number
  usernames: string[]
  refreshTokens: string[]
  goodbye: 'User logged out.'
  /** Why the refresh token of a session that has ended is refused. */
  afterwards: string | undefined
}

/** The whole life of a session: register, log in, look, change, refresh, log out. */
export async function goRound(url: string, account: { email: string; password: string }): Promise<Round> {
  let tokens: { access_token: string; refresh_token: string } | undefined
  const latchkey = createLatchkeyClient({ url, accessToken: () => tokens?.access_token })

  const { id } = await latchkey.auth.register.mutate(account)
  tokens = await latchkey.auth.login.mutate(account)
  const refreshTokens = [tokens.refresh_token]
  const before = await latchkey.me.get.query()
  const changed = await latchkey.me.update.mutate({ username: 'John Smith' })
  tokens = await latchkey.auth.refresh.mutate(tokens)
  refreshTokens.push(tokens.refresh_token)
  const after = await latchkey.me.get.query()
  const { success } = await latchkey.auth.logout.mutate(tokens)
  return {
    id,
    usernames: [before.username, changed.username, after.username],
    refreshTokens,
    goodbye: success,
    afterwards: await whyRefused(latchkey.auth.refresh.mutate(tokens)),
  }
}

async function whyRefused(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    return error.data?.code
  }
}
