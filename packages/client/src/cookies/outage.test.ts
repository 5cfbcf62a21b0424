import { test as base, expect, vi } from 'vitest'
import { type Admission, createOutage } from './outage.ts'

/** Moves time on, by seconds. */
const test = base.extend('advance', ({}, { onCleanup }) => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onCleanup(() => void vi.useRealTimers())
  return (seconds: number) => void vi.advanceTimersByTime(seconds * 1000)
})

function admitted(admission: Admission): Admission & { go: true } {
  if (!admission.go) throw new Error(`${admission.waitSeconds} s to wait`)
  return admission
}

test('lets everybody ask as long as the server answers', ({ advance }) => {
  const outage = createOutage()
  for (let i = 0; i < 100; i++) admitted(outage.enter()).answered()
  advance(1)
  expect(outage.enter()).toMatchObject({ go: true, isTrial: false })
})

test('after a failure nobody asks for as long as the server said, then one tries', ({ advance }) => {
  const outage = createOutage()
  admitted(outage.enter()).failed(7)
  expect(outage.enter()).toEqual({ go: false, waitSeconds: 7 })
  advance(7)
  const trial = admitted(outage.enter())
  expect(trial.isTrial).toBe(true)
  expect(outage.enter().go).toBe(false)
  trial.answered()
  expect(outage.enter()).toMatchObject({ go: true, isTrial: false })
})

test('a trial that never comes back lets another one try', ({ advance }) => {
  const outage = createOutage()
  admitted(outage.enter()).failed(1)
  advance(1)
  admitted(outage.enter())
  advance(4)
  expect(outage.enter()).toMatchObject({ go: true, isTrial: true })
})

test('pauses grow to half a minute; requests that fail together count as one', ({ advance }) => {
  const outage = createOutage()
  const together = Array.from({ length: 100 }, () => admitted(outage.enter()))
  for (const each of together) each.failed(undefined)
  const pauses: number[] = []
  for (let i = 0; i < 8; i++) {
    const { waitSeconds } = outage.enter() as Admission & { go: false }
    pauses.push(waitSeconds)
    advance(waitSeconds)
    admitted(outage.enter()).failed(undefined)
  }
  expect(pauses[0]).toBe(1)
  // Each is between half of it and the whole.
  pauses.forEach((pause, i) => {
    expect(pause).toBeLessThanOrEqual(Math.min(30, 2 ** i))
    expect(pause).toBeGreaterThanOrEqual(Math.min(30, 2 ** i) / 2)
  })
})

test('in an outage of ten minutes a busy process asks less than sixty times', ({ advance }) => {
  const outage = createOutage()
  let asked = 0
  for (let second = 0; second < 600; second++) {
    for (let request = 0; request < 50; request++) {
      const admission = outage.enter()
      if (!admission.go) continue
      asked++
      admission.failed(undefined)
    }
    advance(1)
  }
  expect(asked).toBeGreaterThan(15)
  expect(asked).toBeLessThan(60)
})
