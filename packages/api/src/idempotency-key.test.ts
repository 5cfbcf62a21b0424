import { expect, test } from 'vitest'
import { idempotencyKeyOf } from './idempotency-key.ts'

test.for([
  [undefined, undefined],
  ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
  [String.raw`"a\"b\\c"`, String.raw`a"b\c`],
  ['a"b', 'a"b'],
  ['x', 'x'],
  ['~'.repeat(255), '~'.repeat(255)],
  [`"${'!'.repeat(255)}"`, '!'.repeat(255)],
] as const)('%j is the key %j', ([header, key]) => {
  expect(idempotencyKeyOf(header)).toBe(key)
})

test.for([
  '',
  '""',
  'two words',
  '"two words"',
  'first, second',
  '"unclosed',
  '"',
  '"a"b"',
  '"a";b=1',
  String.raw`"a\b"`,
  String.raw`"a\"`,
  'tab\t',
  'é',
  '\u007f',
  'x'.repeat(256),
  `"${'x'.repeat(256)}"`,
])('%j is refused', (header) => {
  const field = { path: ['Idempotency-Key'], code: 'idempotency_key_invalid', message: expect.any(String) }
  expect(() => idempotencyKeyOf(header)).toThrow(expect.objectContaining({ code: 'invalid_input', fields: [field] }))
})
