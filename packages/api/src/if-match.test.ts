import { expect, test } from 'vitest'
import { baseOf, etagOf } from './if-match.ts'

test('the revision comes from the header, from the input, or from both if they agree', () => {
  expect(baseOf(etagOf(17), undefined)).toBe(17)
  expect(baseOf(undefined, 17)).toBe(17)
  expect(baseOf(' "17" ', 17)).toBe(17)
  expect(baseOf('"0"', undefined)).toBe(0)
})

test.for([
  [undefined, undefined, 'revision_missing'],
  ['"17"', 16, 'revision_ambiguous'],
  ['*', 17, 'if_match_invalid'],
  ['W/"17"', 17, 'if_match_invalid'],
  ['17', 17, 'if_match_invalid'],
  ['"17", "18"', 17, 'if_match_invalid'],
  ['"-1"', undefined, 'if_match_invalid'],
  ['""', undefined, 'if_match_invalid'],
  ['"9999999999"', undefined, 'if_match_invalid'],
  ['', undefined, 'if_match_invalid'],
] as const)('%j with revision %j is refused: %s', ([ifMatch, revision, code]) => {
  expect(() => baseOf(ifMatch, revision)).toThrow(
    expect.objectContaining({ code: 'invalid_input', fields: [expect.objectContaining({ code })] }),
  )
})
