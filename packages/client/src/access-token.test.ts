import { expect, test } from 'vitest'
import { readAccessToken } from './access-token.ts'
import { makePair } from './testing/tokens.ts'

test('reads whose token it is, in any script, and how long it lives', () => {
  expect(readAccessToken(makePair({ username: 'Zoë 漢字 🗝' }).access_token)).toEqual({
    sessionId: 'a session',
    userId: 7,
    username: 'Zoë 漢字 🗝',
    lifetime: 30_000,
  })
})

test.for([
  '',
  '..',
  'a.b.c',
  'a.%%%.c',
  `a.${btoa('null')}.c`,
  `a.${btoa('{"sid":1}')}.c`,
  makePair({ exp: 'soon' }).access_token,
  makePair({ exp: 1 }).access_token,
  makePair({ username: undefined }).access_token,
])('%j is none', (token) => {
  expect(readAccessToken(token)).toBeUndefined()
})
