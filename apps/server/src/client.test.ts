import { expect, test } from './testing/client-world.ts'

const REFRESH = '/trpc/auth.refresh'

test('registers, logs in, refreshes by itself, calls and logs out', async ({ openPage, network, time }) => {
  const { client, heard } = openPage()
  const account = { email: `${crypto.randomUUID()}@example.com`, password: 'correct horse 42' }
  const { id } = await client.register(account)
  const session = await client.login(account)
  expect(session).toMatchObject({ userId: id, username: '', user: null })
  expect(await client.me()).toEqual({ id, username: '', email: account.email })
  await time.advance(120_000)
  expect(await client.updateMe({ username: 'Ann' })).toMatchObject({ username: 'Ann' })
  expect(network.to(REFRESH).map(({ status }) => status)).toEqual([200, 200, 200, 200])
  await client.logout()
  expect(client.session()).toBeNull()
  await expect(client.me()).rejects.toMatchObject({ code: 'missing_token', status: 401 })
  expect(heard).toEqual([
    'INITIAL_SESSION',
    'SIGNED_IN',
    'USER_UPDATED',
    'TOKEN_REFRESHED',
    'TOKEN_REFRESHED',
    'TOKEN_REFRESHED',
    'TOKEN_REFRESHED',
    'USER_UPDATED',
    'SIGNED_OUT',
  ])
})
