import { checkAccessToken } from '../access-tokens/check.ts'
import { QUICK_KEYS, switchKey } from '../testing/keys.ts'
import { reseal, test } from '../testing/secrets.ts'
import { expect } from '../testing/test.ts'
import { login } from '../sessions/login.ts'
import { listSigningKeys } from './list.ts'
import { tendKeys } from './tend.ts'

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

test('a key that an instance makes which has not heard of the resealing is sealed as the others are', async ({
  both,
  createBoth,
  createNew,
  clock,
}) => {
  const behind = await createBoth({ settings: QUICK_KEYS })
  await reseal(both)
  expect(behind.keysInForce()).toBe(behind.previousKeys)
  await switchKey(behind, clock)
  await tendKeys(behind)
  expect((await listSigningKeys(both)).some((key) => key.sealedUnderPrevious)).toBe(false)
  expect(behind.keysInForce()).toBe(behind.keys)
  expect((await createNew()).ring.loaded()).toBe(true)
})
