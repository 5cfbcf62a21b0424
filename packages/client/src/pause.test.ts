import { expect, test } from 'vitest'
import { LatchkeyError } from './errors.ts'
import { pauseAfter, pauseLeft } from './pause.ts'
import { platformEnvironment } from './platform.ts'
import type { Pause } from './record.ts'

const NEVER = Number.NEGATIVE_INFINITY
const at = (wallClock: number, random = 0) => ({
  ...platformEnvironment(),
  wallClock: () => wallClock,
  random: () => random,
})

test('pauses grow up to half a minute, half of each by chance', () => {
  const lengths = (random: number) => {
    let pause: Pause | null = null
    return Array.from({ length: 7 }, () => {
      pause = pauseAfter(new LatchkeyError('offline'), pause, at(0, random))
      return pause.milliseconds
    })
  }
  expect(lengths(0)).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000])
  expect(lengths(1)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
})

test('whoever asks to wait is obeyed, and not all come back in the same moment; but nobody locks us out for hours', () => {
  const asked = (retryAfter: number, random: number) =>
    pauseAfter(new LatchkeyError('too_many_requests', { retryAfter }), null, at(0, random)).milliseconds
  expect([asked(42, 0), asked(42, 1)]).toEqual([42_000, 42_500])
  expect(asked(86_400, 0)).toBe(600_000)
})

test('a pause ends by time, by the network’s coming back, and by a clock that was set back', () => {
  const pause: Pause = { at: 1000, milliseconds: 500, failures: 1, code: 'offline' }
  expect(pauseLeft(pause, NEVER, at(1200))).toBe(300)
  expect(pauseLeft(pause, NEVER, at(1500))).toBe(0)
  expect(pauseLeft(pause, 1100, at(1200))).toBe(0)
  expect(pauseLeft(pause, 900, at(1200))).toBe(300)
  expect(pauseLeft(pause, NEVER, at(900))).toBe(0)
  expect(pauseLeft(null, NEVER, at(0))).toBe(0)
})
