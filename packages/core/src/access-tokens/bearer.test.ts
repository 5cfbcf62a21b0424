import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LatchkeyError } from '../errors.ts'
import { bearerToken } from './bearer.ts'

const MISSING = expect.objectContaining({ code: 'missing_token' })
const INVALID = expect.objectContaining({ code: 'invalid_token' })

test.each(['Bearer abc.d_e-f.123', 'bearer abc.d_e-f.123', 'BEARER   abc.d_e-f.123'])(
  'takes the token of "%s"',
  (header) => {
    expect(bearerToken(header)).toBe('abc.d_e-f.123')
  },
)

test.each([
  undefined,
  '',
  'Bearer',
  'Bearer ',
  'bearer   ',
  'Basic dTpw',
  'Bearertoken',
  'DPoP abc',
  'abc.def.ghi',
  'Bearer\tabc',
])('there is no token in "%s"', (header) => {
  expect(() => bearerToken(header)).toThrow(MISSING)
})

test.each([
  'Bearer a b',
  'Bearer a, Bearer b',
  'Bearer "abc"',
  'Bearer =',
  'Bearer a=b',
  'Bearer ä',
  'Bearer a ',
  'Bearer \tabc',
])('what "%s" holds cannot be a token', (header) => {
  expect(() => bearerToken(header)).toThrow(INVALID)
})

test('any header gives a token or is refused, never a fault', () => {
  const text = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1'))
  const header = fc.oneof(
    text,
    text.map((after) => `Bearer ${after}`),
  )
  fc.assert(
    fc.property(header, (any) => {
      expect(taken(any) ?? 'refused').toMatch(/^[\w.~+/-]+=*$/)
    }),
  )
})

test('a long header takes no time', () => {
  const started = performance.now()
  for (const header of [
    `Bearer ${'='.repeat(100_000)}`,
    `Bearer${' '.repeat(100_000)}`,
    `Bearer ${'a'.repeat(100_000)} `,
  ]) {
    expect(taken(header)).toBeUndefined()
  }
  expect(performance.now() - started).toBeLessThan(1000)
})

/** The token, or undefined where it was refused as it should be. */
function taken(header: string): string | undefined {
  try {
    return bearerToken(header)
  } catch (error) {
    if (error instanceof LatchkeyError) return undefined
    throw error
  }
}
