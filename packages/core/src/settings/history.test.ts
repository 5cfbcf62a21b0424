import { randomUUID } from 'node:crypto'
import { register } from '../accounts/register.ts'
import { checkAccessToken } from '../access-tokens/check.ts'
import { actorOf, COMMAND, NO_ORIGIN } from '../audit/origin.ts'
import { statement } from '../database/statement.ts'
import { login } from '../sessions/login.ts'
import { expect, test } from '../testing/test.ts'
import { rollbackSettings, saveSettings } from './change.ts'
import { loadSettings } from './follow.ts'
import { settingsHistory } from './history.ts'

test('says who changed what, when and why, in values and in words', async ({
  createInstance,
  migratedDatabase,
  clock,
}) => {
  const core = await createInstance({ databaseUrl: await migratedDatabase() })
  const credentials = { email: `${randomUUID()}@example.com`, password: 'correct horse 42' }
  const { id } = await register(core, credentials)
  const claims = checkAccessToken(core, (await login(core, credentials)).accessToken)
  await core.db.many(statement('test.make-admin', `update account set role = 'admin' where id = $1`), [id])
  const change = { changes: { ACCESS_TOKEN_LIFETIME: '15m' }, base: 0, reason: 'the move' }
  await saveSettings(core, change, actorOf('admin', claims, NO_ORIGIN))
  await saveSettings(core, { changes: { REGISTRATION_OPEN: false }, base: 1, forSeconds: 60 }, COMMAND)
  await rollbackSettings(core, { to: 0, base: 2 }, COMMAND)
  const { items, next } = await settingsHistory(core)
  expect(next).toBeUndefined()
  const at = clock.now()
  expect(items).toEqual([
    expect.objectContaining({ number: 3, kind: 'rollback', restores: 0, actor: 'command', actorEmail: null }),
    {
      number: 2,
      at,
      kind: 'change',
      actor: 'command',
      actorId: null,
      actorEmail: null,
      reason: '',
      restores: null,
      changes: [
        {
          name: 'REGISTRATION_OPEN',
          from: null,
          to: false,
          fromText: 'default',
          toText: 'off',
          until: new Date(at.getTime() + 60_000),
        },
      ],
    },
    {
      number: 1,
      at,
      kind: 'change',
      actor: 'admin',
      actorId: id,
      actorEmail: credentials.email,
      reason: 'the move',
      restores: null,
      changes: [{ name: 'ACCESS_TOKEN_LIFETIME', from: null, to: 900, fromText: 'default', toText: '15m' }],
    },
  ])
})

test('comes in pages, of all revisions or of those that changed one setting', async ({
  createInstance,
  migratedDatabase,
}) => {
  const core = await createInstance({ databaseUrl: await migratedDatabase() })
  for (let i = 0; i < 7; i++) {
    const changes = i % 2 ? { REFRESH_GRACE: i } : { ACCESS_TOKEN_LIFETIME: 60 + i }
    await saveSettings(core, { changes, base: await loadSettings(core) }, COMMAND)
  }
  const numbersOf = async (setting?: string) => {
    const numbers: number[][] = []
    let cursor: string | undefined
    do {
      const page = await settingsHistory(core, { limit: 2, cursor, setting })
      numbers.push(page.items.map(({ number }) => number))
      cursor = page.next
    } while (cursor !== undefined)
    return numbers
  }
  expect(await numbersOf()).toEqual([[7, 6], [5, 4], [3, 2], [1]])
  expect(await numbersOf('REFRESH_GRACE')).toEqual([[6, 4], [2]])
  expect(await numbersOf('NO_SUCH"]')).toEqual([[]])
  await expect(settingsHistory(core, { cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_input' })
})
