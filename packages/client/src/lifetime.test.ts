import { expect, test } from 'vitest'
import { dueAfter, momentAt, since, usableFor } from './lifetime.ts'
import { platformEnvironment } from './platform.ts'

const at = (monotonic: number, wallClock: number, random = 0) => ({
  ...platformEnvironment(),
  monotonic: () => monotonic,
  wallClock: () => wallClock,
  random: () => random,
})

test('of two clocks the one counts by which more time has passed', () => {
  const moment = { monotonic: 1000, wallClock: 500_000 }
  expect(since(moment, at(6000, 505_000))).toBe(5000)
  // Asleep, and set back by an hour.
  expect(since(moment, at(1000, 530_000))).toBe(30_000)
  expect(since(moment, at(6000, -3_100_000))).toBe(5000)
})

test('of a moment that another page wrote down the age is known, unless the clock was set back far since', () => {
  const age = (wallClock: number, now: number) => since(momentAt(wallClock, at(7, now)), at(7, now))
  expect(age(500_000, 512_000)).toBe(12_000)
  expect(age(500_000, 495_000)).toBe(0)
  expect(age(500_000, 400_000)).toBe(Number.POSITIVE_INFINITY)
})

test.for([
  [2000, 1000],
  [5000, 4000],
  [30_000, 29_000],
  [60_000, 58_000],
  [900_000, 897_000],
] as const)('a token of %i ms is sent for %i ms', ([lifetime, usable]) => {
  expect(usableFor(lifetime)).toBe(usable)
})

test('clients that may be in step refresh within a third of the time, others within a thirtieth', () => {
  const due = (inStep: 'in-step' | 'spread', random: number) => Math.round(dueAfter(30_000, inStep, at(0, 0, random)))
  expect([due('in-step', 0), due('in-step', 1)]).toEqual([29_000, 19_333])
  expect([due('spread', 0), due('spread', 1)]).toEqual([29_000, 28_033])
})
