import { createCore } from '../core.ts'
import { statement } from '../database/statement.ts'
import { prepare } from '../readiness.ts'
import { expect, test } from '../testing/test.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { refresh } from './refresh.ts'

const TABLES = statement<{ name: string }>(
  'dump.tables',
  `select table_name as name from information_schema.tables where table_schema = 'public'`,
)

/** Every value of every row of every table, as text: what somebody who stole a backup holds. */
async function dump(core: Awaited<ReturnType<typeof createCore>>): Promise<string[]> {
  const values: string[] = []
  for (const { name } of await core.db.many(TABLES, [])) {
    const read = statement<{ value: string }>(
      `dump.${name}`,
      `select value from "${name}" as r, jsonb_each_text(to_jsonb(r)) where value is not null`,
    )
    values.push(...(await core.db.many(read, [])).map(({ value }) => value))
  }
  return values
}

/** All ways to read 16 bytes as a UUID out of a value: every window of its hex digits. */
function* uuidsIn(value: string): Generator<string> {
  const hex = value.replace(/^\\x/, '').replaceAll('-', '')
  if (!/^[0-9a-f]{32,}$/i.test(hex)) return
  for (let at = 0; at + 32 <= hex.length; at += 2) {
    const part = hex.slice(at, at + 32)
    yield `${part.slice(0, 8)}-${part.slice(8, 12)}-${part.slice(12, 16)}-${part.slice(16, 20)}-${part.slice(20)}`
  }
}

test('nothing in a full dump logs anybody in, refreshes, or ends a session', async ({
  core,
  makeAccount,
  login: logIn,
  clock,
}) => {
  const account = await makeAccount()
  const { refreshToken: parent } = await logIn(account)
  const live = await refresh(core, parent)
  clock.advance(1)
  const values = await dump(core)
  expect(values.length).toBeGreaterThan(20)
  const everything = values.join('\n')
  for (const secret of [account.password, live.accessToken]) expect(everything).not.toContain(secret)
  for (const token of [parent, live.refreshToken]) {
    expect(everything).not.toContain(token)
    // Half of it would do: who finds the selector can end the session, and the verifier is the rest of the secret.
    const hex = token.replaceAll('-', '')
    expect(everything).not.toContain(hex.slice(0, 16))
    expect(everything).not.toContain(hex.slice(16))
  }
  for (const value of values) {
    await expect(login(core, { email: account.email, password: value.slice(0, 128) })).rejects.toMatchObject({
      code: 'invalid_credentials',
    })
    for (const uuid of uuidsIn(value)) {
      await expect(refresh(core, uuid)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
      await expect(logout(core, uuid)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
    }
  }
  expect((await refresh(core, live.refreshToken)).refreshToken).toBeTruthy()
})

test('with the dump but another root secret, no token is known and no key can be opened', async ({
  core,
  databaseUrl,
  login: logIn,
  clock,
}) => {
  const { refreshToken } = await logIn()
  const thief = await createCore({
    databaseUrl,
    rootSecret: 'what the thief made up, of 32 characters and more',
    issuer: core.issuer,
    clock,
  })
  await expect(prepare(thief, { migrating: false })).rejects.toThrow()
  await expect(refresh(thief, refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
  await expect(logout(thief, refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
  await thief.close()
  expect((await refresh(core, refreshToken)).refreshToken).toBeTruthy()
})
