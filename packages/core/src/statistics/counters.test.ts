import { expect, test } from 'vitest'
import { createCounters, TIME_BOUNDS_MS } from './counters.ts'
import { percentileMs } from './percentile.ts'

test('what is counted is taken once, and comes again when it is given back', () => {
  const counters = createCounters()
  counters.count('logins')
  counters.count('logins')
  counters.time('GET /api/me', 0.4)
  const taken = counters.take()
  expect(taken).toEqual([
    { name: 'logins', bucket: 0, count: 2 },
    { name: 'GET /api/me', bucket: 0, count: 1 },
  ])
  expect(counters.take()).toEqual([])
  counters.count('logins')
  counters.give(taken)
  expect(counters.take()).toContainEqual({ name: 'logins', bucket: 0, count: 3 })
})

test.each([
  [0, 0],
  [1, 0],
  [1.01, 1],
  [4, 3],
  [5000, TIME_BOUNDS_MS.length - 1],
  [5001, TIME_BOUNDS_MS.length],
  [Infinity, TIME_BOUNDS_MS.length],
])('an answer that took %d ms falls into bucket %d', (ms, bucket) => {
  const counters = createCounters()
  counters.time('GET /', ms)
  expect(counters.take()).toEqual([{ name: 'GET /', bucket, count: 1 }])
})

test('percentiles lie within their bucket, as evenly as the answers', () => {
  // 100 answers between 12 and 20 ms.
  const counts = [undefined, undefined, undefined, undefined, undefined, undefined, 100]
  expect([0.5, 0.95, 0.99, 1].map((share) => percentileMs(counts, share))).toEqual([16, 19.6, 19.92, 20])
  expect(percentileMs([90, 0, 10], 0.5)).toBeCloseTo(0.56)
  expect(percentileMs([90, 0, 10], 0.95)).toBe(2.5)
  expect(percentileMs([1], 0.99)).toBe(0.99)
})

test('what took longer than the last bound counts as that, and of nothing there is no time', () => {
  const slow = TIME_BOUNDS_MS.map(() => 0)
  expect(percentileMs([...slow, 7], 0.5)).toBe(5000)
  expect(percentileMs([], 0.5)).toBe(0)
})
