import { expect, test } from 'vitest'
import { decodeCursor, encodeCursor, pageOf } from './page.ts'

const TIME = '2026-11-25T02:06:32.123456Z'

test('a page has its rows and a cursor to the next one only where there is one', () => {
  const keysOf = (row: number) => [row]
  expect(pageOf([5, 4, 3], 3, keysOf)).toEqual({ items: [5, 4, 3], next: undefined })
  expect(pageOf([5, 4, 3], 2, keysOf)).toEqual({ items: [5, 4], next: encodeCursor([4]) })
  expect(pageOf([], 2, keysOf)).toEqual({ items: [], next: undefined })
})

test('a cursor gives back its keys, microseconds and all', () => {
  expect(decodeCursor(encodeCursor([TIME, 7, 'a@b.c']), ['time', 'number', 'string'])).toEqual([TIME, 7, 'a@b.c'])
})

test.each([
  ['no base64', '!!'],
  ['no JSON', Buffer.from('nope').toString('base64url')],
  ['too few keys', encodeCursor([TIME])],
  ['another kind', encodeCursor([7, TIME])],
  ['a fraction', encodeCursor([TIME, 1.5])],
  ['no time', encodeCursor(['2026-13-45T99:99:99.000000Z', 7])],
  ['a day that no month has', encodeCursor(['2026-02-31T00:00:00.000000Z', 7])],
  ['the year 0', encodeCursor(['0000-01-01T00:00:00.000000Z', 7])],
  ['milliseconds only', encodeCursor(['2026-11-25T02:06:32.123Z', 7])],
  ['an object', Buffer.from('{"0":1}').toString('base64url')],
])('a cursor that nobody gave out is refused: %s', (_, cursor) => {
  expect(() => decodeCursor(cursor, ['time', 'number'])).toThrow(expect.objectContaining({ code: 'invalid_input' }))
})

test('an id of a session in a cursor is one that PostgreSQL takes', () => {
  const id = '7f3c2f0e-9d1b-4c37-8a5e-2b6f0c9d4e11'
  expect(decodeCursor(encodeCursor([id]), ['uuid'])).toEqual([id])
  expect(() => decodeCursor(encodeCursor(['7f3c']), ['uuid'])).toThrow(
    expect.objectContaining({ code: 'invalid_input' }),
  )
})
