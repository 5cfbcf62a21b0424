import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { hashSlots, watchOthers } from './slots.ts'

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

test('others have next to nothing below 20 statements a second, over 100 ms or more', () => {
  const traffic = { now: 0, count: 0 }
  const isIdle = watchOthers({ now: () => traffic.now, count: () => traffic.count })
  const after = (ms: number, statements: number) => {
    traffic.now += ms
    traffic.count += statements
    return isIdle()
  }
  expect(after(99, 50)).toBe(true)
  expect(after(1, 0)).toBe(false)
  expect(after(100, 1)).toBe(true)
  expect(after(100, 2)).toBe(false)
  expect(after(50, 0)).toBe(false)
  expect(after(50, 0)).toBe(true)
  expect(after(1000, 19)).toBe(true)
  expect(after(1000, 20)).toBe(false)
})
