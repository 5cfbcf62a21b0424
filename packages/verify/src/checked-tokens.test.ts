import { type CheckedToken, createCheckedTokens } from './checked-tokens.ts'
import { expect, test } from './fixtures/test.ts'

test('holds so many and no more, and forgets the oldest first', ({ makeClaims, signer }) => {
  const key = { kid: signer.kid, alg: 'EdDSA', key: signer.publicKey, text: '' }
  const checked = (): CheckedToken => ({ claims: makeClaims(), notBefore: undefined, key })
  const tokens = createCheckedTokens(2)
  for (const token of ['first', 'second', 'third']) {
    tokens.set(token, checked())
    tokens.get('first')
  }
  expect(['first', 'second', 'third'].filter((token) => tokens.get(token) !== undefined)).toEqual(['second', 'third'])
})
