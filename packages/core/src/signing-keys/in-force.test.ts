import { checkAccessToken } from '../access-tokens/check.ts'
import { COMMAND } from '../audit/origin.ts'
import { lockInTransaction } from '../database/lock.ts'
import { statement } from '../database/statement.ts'
import { QUICK_KEYS, switchKey } from '../testing/keys.ts'
import { reseal, test } from '../testing/secrets.ts'
import { expect } from '../testing/test.ts'
import { login } from '../sessions/login.ts'
import { listSigningKeys } from './list.ts'
import { rotateKeys } from './rotate.ts'
import { KEYS_LOCK } from './stored.ts'
import { tendKeys } from './tend.ts'

const WAITING = statement(
  'test.waiting-for-keys',
  `select from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`,
)

test('until they are resealed, keys are made under the secret that every instance knows', async ({
  old,
  createBoth,
  account,
  clock,
}) => {
  const both = await createBoth({ settings: QUICK_KEYS })
  const { to } = await switchKey(both, clock)
  await tendKeys(both)
  expect((await listSigningKeys(both)).every((key) => key.sealedUnderPrevious)).toBe(true)
  await tendKeys(old)
  expect(old.ring.active(clock.now()).id).toBe(to)
  expect(checkAccessToken(old, (await login(both, account)).accessToken)).toBeDefined()
})

test('a key of who waited while they were resealed is sealed as the others are', async ({
  both,
  createBoth,
  createNew,
}) => {
  const behind = await createBoth()
  const waiting = (count: number) => expect.poll(async () => (await both.db.many(WAITING, [])).length).toBe(count)
  const changes: Promise<unknown>[] = []
  await both.db.transaction(async (transaction) => {
    await lockInTransaction(transaction, KEYS_LOCK)
    changes.push(reseal(both))
    await waiting(1)
    changes.push(rotateKeys(behind, { actor: COMMAND }))
    await waiting(2)
  })
  await Promise.all(changes)
  expect(await listSigningKeys(both)).toHaveLength(3)
  expect((await listSigningKeys(both)).some((key) => key.sealedUnderPrevious)).toBe(false)
  expect(behind.keysInForce()).toBe(behind.keys)
  expect((await createNew()).ring.loaded()).toBe(true)
})
