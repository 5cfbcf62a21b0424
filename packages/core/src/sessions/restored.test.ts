import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { expect, test } from '../testing/test.ts'
import { refresh } from './refresh.ts'

const COPY = statement('test.copy', 'create temp table backup as select * from session where selector_mac = $1')
const RESTORE = statement(
  'test.restore',
  `with gone as (delete from session where selector_mac = $1 returning 1) select count(*) from gone`,
)
const PUT_BACK = statement('test.put-back', 'insert into session select * from backup')
const MARK = statement('test.mark', 'update session set restored = true where selector_mac = $1')

/** Puts the row of a session back to what it was before `work`, as a restored backup does. */
async function restoredAfter(core: Core, token: string, work: () => Promise<unknown>): Promise<void> {
  const { selectorMac } = core.refreshTokens.parse(token)
  await core.db.reserve(async (connection) => {
    await connection.many(COPY, [selectorMac])
    await work()
    await connection.many(RESTORE, [selectorMac])
    await connection.many(PUT_BACK, [])
    await connection.many(MARK, [selectorMac])
    await connection.many(statement('test.drop', 'drop table backup'), [])
  })
}

const REFUSED = { code: 'invalid_refresh_token' }

test('a token newer than its restored row is refused, and the session lives', async ({ core, clock, login }) => {
  const { refreshToken: known } = await login()
  let newer = ''
  await restoredAfter(core, known, async () => ({ refreshToken: newer } = await refresh(core, known)))
  clock.advance(3600)
  await expect(refresh(core, newer)).rejects.toMatchObject(REFUSED)
  await expect(refresh(core, newer)).rejects.toMatchObject(REFUSED)
  await expect(refresh(core, known)).resolves.toBeDefined()
})

test('from its next refresh on a restored session is like any other', async ({ core, clock, login }) => {
  const { refreshToken: parent } = await login()
  await restoredAfter(core, parent, async () => {})
  const { refreshToken: child } = await refresh(core, parent)
  clock.advance(11)
  await expect(refresh(core, parent)).rejects.toMatchObject(REFUSED)
  await expect(refresh(core, child), 'a replay ends it').rejects.toMatchObject(REFUSED)
})
