import { COMMAND } from '../audit/origin.ts'
import { expect, ROOT_SECRET, test } from '../testing/test.ts'
import { listSigningKeys } from './list.ts'
import { resealKeys } from './reseal.ts'
import { WrongRootSecretError } from './ring-key.ts'

const NEW_SECRET = 'the next root secret, of 32 characters and more'

test('keys are opened under either root secret, and sealed under the new one', async ({ createSigner }) => {
  const before = await createSigner('RS256')
  const databaseUrl = before.db.url
  const both = await createSigner('RS256', { databaseUrl, rootSecret: NEW_SECRET, previousRootSecret: ROOT_SECRET })
  expect(both.ring.jwks()).toEqual(before.ring.jwks())
  expect((await listSigningKeys(both)).map((key) => key.sealedUnderPrevious)).toEqual([true, true])
  expect(await resealKeys(both, COMMAND)).toBe(2)
  expect(await resealKeys(both, COMMAND)).toBe(0)
  expect((await listSigningKeys(both)).map((key) => key.sealedUnderPrevious)).toEqual([false, false])
  const after = await createSigner('RS256', { databaseUrl, rootSecret: NEW_SECRET })
  expect(after.ring.jwks()).toEqual(before.ring.jwks())
  await expect(createSigner('RS256', { databaseUrl })).rejects.toThrow(WrongRootSecretError)
})

test('with a wrong secret nothing is sealed anew', async ({ createSigner, createInstance }) => {
  const { db } = await createSigner('EdDSA')
  const wrong = { databaseUrl: db.url, rootSecret: NEW_SECRET, previousRootSecret: `${NEW_SECRET}, another one` }
  await expect(createInstance(wrong)).rejects.toThrow(WrongRootSecretError)
})
