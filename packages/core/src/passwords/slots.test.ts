import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { hashSlots, watchEventLoop } from './slots.ts'

const SMALL = { memoryKiB: 7168, iterations: 1, parallelism: 1 }

test('takes all cores while nothing else wants one, and leaves one free as soon as something does', () => {
  const slots = (idle: boolean, cores: number) => hashSlots(SMALL, { idle, processes: 1, cores })
  expect([1, 2, 4].map((cores) => slots(true, cores))).toEqual([1, 2, 4])
  expect([1, 2, 4].map((cores) => slots(false, cores))).toEqual([1, 1, 3])
  expect(hashSlots(SMALL, { idle: true, processes: 1 })).toBe(availableParallelism())
})

test('counts lanes, and never takes more than a quarter of the memory', () => {
  const room = { idle: true, processes: 1, cores: 8 }
  expect(hashSlots({ ...SMALL, parallelism: 4 }, room)).toBe(2)
  expect(hashSlots({ ...SMALL, parallelism: 16 }, room)).toBe(1)
  expect(hashSlots({ ...SMALL, memoryKiB: 2 ** 40 }, room)).toBe(1)
})

test('processes of one machine share its cores and its memory', () => {
  const slots = (idle: boolean, processes: number) => hashSlots(SMALL, { idle, processes, cores: 8 })
  expect([1, 2, 4, 16].map((processes) => slots(true, processes))).toEqual([8, 4, 2, 1])
  expect([1, 2, 4, 16].map((processes) => slots(false, processes))).toEqual([7, 3, 1, 1])
})

test('the event loop is idle below a tenth of work, over 50 ms or more', () => {
  const loop = { now: 0, active: 0 }
  const isIdle = watchEventLoop({ now: () => loop.now, active: () => loop.active })
  const after = (ms: number, active: number) => {
    loop.now += ms
    loop.active += active
    return isIdle()
  }
  expect(after(49, 0)).toBe(false)
  expect(after(1, 0)).toBe(true)
  expect(after(50, 5)).toBe(false)
  expect(after(20, 0)).toBe(false)
  expect(after(30, 0)).toBe(true)
  expect(after(30, 30)).toBe(true)
  expect(after(170, 0)).toBe(false)
  expect(after(1000, 99)).toBe(true)
})

test('the event loop of this process is seen to work, and to rest', async () => {
  const isIdle = watchEventLoop()
  const end = performance.now() + 80
  while (performance.now() < end);
  expect(isIdle()).toBe(false)
  await expect.poll(async () => (await delay(120), isIdle()), { timeout: 5000 }).toBe(true)
})
