import { expect, test } from 'vitest'
import { createWindowCounter } from './window-counter.ts'

const MINUTE = 60_000

test('a window ends after its time, and counts anew', () => {
  const counter = createWindowCounter({ keysMax: 10, windowMs: MINUTE })
  expect(counter.find('a', 0)).toBeUndefined()
  counter.open('a', 0).count = 3
  expect(counter.find('a', MINUTE - 1)).toEqual({ count: 3, endsAt: MINUTE })
  expect(counter.find('a', MINUTE)).toEqual({ count: 0, endsAt: 2 * MINUTE })
})

test('holds no more keys than it may, and those that are used stay', () => {
  const counter = createWindowCounter({ keysMax: 100, windowMs: MINUTE })
  counter.open('used', 0).count = 7
  for (let round = 0; round < 500; round++) {
    for (let i = 0; i < 20; i++) counter.open(`flood ${round} ${i}`, 0)
    expect(counter.find('used', 0)?.count).toBe(7)
    expect(counter.size()).toBeLessThanOrEqual(100)
  }
  expect(counter.find('flood 0 0', 0)).toBeUndefined()
})

test('what is deleted is gone from both generations', () => {
  const counter = createWindowCounter({ keysMax: 4, windowMs: MINUTE })
  for (const key of ['a', 'b', 'c']) counter.open(key, 0)
  for (const key of ['a', 'c']) counter.delete(key)
  expect(['a', 'b', 'c'].map((key) => counter.find(key, 0) !== undefined)).toEqual([false, true, false])
})
