import { afterEach, expect, test, vi } from 'vitest'
import { inTime } from './deadline.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('gives what comes in time, be it an error', async () => {
  const error = new Error('planted')
  await expect(inTime(Promise.resolve(1))).resolves.toBe(1)
  await expect(inTime(Promise.reject(error))).rejects.toBe(error)
})

test('who would have to wait for 3 s is told to try again', async () => {
  vi.useFakeTimers()
  const answer = inTime(new Promise(() => {}))
  const [told] = await Promise.allSettled([answer, vi.advanceTimersByTimeAsync(2999)])
  expect(told).toMatchObject({ reason: { code: 'unavailable', retryAfter: 1, cause: expect.any(Error) } })
  expect(vi.getTimerCount()).toBe(0)
})
