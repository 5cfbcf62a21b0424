import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LatchkeyError } from '../errors.ts'
import { defaultSettings } from '../settings/snapshot.ts'
import { checkPassword } from './policy.ts'

const LOCAL = defaultSettings(false)
const PRODUCTION = defaultSettings(true)
const OWN_WORDS = { ...LOCAL, PASSWORD_OWN_WORDS: ['Latchkey', 'key', 'Ko\u0308ln'] }

/** The codes of what is wrong with a password. */
async function faults(values: typeof LOCAL, password: string, email = 'john.smith@example.com') {
  try {
    await checkPassword(values, password, email)
    return []
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'invalid_input') return error.fields?.map(({ code }) => code)
    throw error
  }
}

test('the local set-up takes "password"; production names all that is wrong with it', async () => {
  expect(await faults(LOCAL, 'password')).toEqual([])
  expect(await faults(PRODUCTION, 'password')).toEqual(['password_too_short', 'password_common'])
})

test('says which field is wrong', async () => {
  await expect(checkPassword(LOCAL, 'short', '')).rejects.toMatchObject({
    fields: [{ path: ['password'], code: 'password_too_short', message: 'The password needs at least 8 characters.' }],
  })
})

test.each([
  ['7 letters', 'rabbits', ['password_too_short']],
  ['8 letters', 'rabbits!', []],
  ['7 characters of two UTF-16 units', '🐇🔑🌍🎈🍞🚲🌙', ['password_too_short']],
  ['8 letters of two code points each, which NFC makes one', 'a\u0308'.repeat(7) + 'x', []],
  ['7 such letters', 'o\u0308'.repeat(7), ['password_too_short']],
  ['128 characters', '🐇'.repeat(128), []],
  ['129 characters', 'x'.repeat(129), ['password_too_long']],
  ['65 characters of which NFC makes 130', '\u{1d15e}'.repeat(65), ['password_too_long']],
  ['half a character', 'rabbits!\ud800', ['password_malformed']],
])('measures code points after NFC: %s', async (_, password, expected) => {
  expect(await faults(LOCAL, password)).toEqual(expected)
})

test.each([
  ['Latchkey-2026!', true],
  ['latchkeyLATCHKEY', true],
  ['1. myLatchkey', true],
  ['KÖLN KÖLN 1999', true],
  ['key key key 12345', true],
  ['latchkey under the mat', false],
  ['a monkey in the zoo', false],
  ['830255012277', false],
])('own words with little besides are refused: %s %s', async (password, refused) => {
  expect(await faults(OWN_WORDS, password)).toEqual(refused ? ['password_own_word'] : [])
})

test.each([
  ['john.smith@example.com', 'John.Smith@Example.com'],
  ['john.smith 1234567', 'john.smith@example.com'],
  ['87650912345678901', '87650912345678901@example.com'],
])(
  'production refuses a password that is the e-mail address, or what stands before its @: %s',
  async (password, email) => {
    expect(await faults(PRODUCTION, password, email)).toEqual(['password_email'])
    expect(await faults(LOCAL, password, email)).toEqual([])
  },
)

test('a short local part is no word', async () => {
  expect(await faults(PRODUCTION, '(8302-a-5501-2277)', 'a@example.com')).toEqual([])
})

test('any password is accepted or refused by name, whatever the own words', async () => {
  const settings = { ...PRODUCTION, PASSWORD_OWN_WORDS: ['latchkey', '$&', '(.*)+'] }
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: 'grapheme', minLength: 15, maxLength: 60 }),
  )
  await fc.assert(
    fc.asyncProperty(text, text, async (password, email) => {
      expect(await faults(settings, password, email)).toBeInstanceOf(Array)
    }),
  )
})
