import { expect, test } from 'vitest'
import { LatchkeyError } from './errors.ts'
import { pauseAfter, pauseLeft } from './pause.ts'
import { platformEnvironment } from './platform.ts'
import type { Pause } from './record.ts'

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

test('a pause ends by time, and by a clock that was set back', () => {
  const pause: Pause = { at: 1000, milliseconds: 500, failures: 1, code: 'offline' }
  const left = (now: number) => pauseLeft(pause, at(now))
  expect([left(1000), left(1200), left(1500), left(9000), left(900)]).toEqual([500, 300, 0, 0, 0])
})
