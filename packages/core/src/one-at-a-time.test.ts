import { expect, test } from 'vitest'
import { oneAtATime } from './one-at-a-time.ts'

/** Rounds that end when they are told to. */
function heldRounds(stop?: AbortSignal) {
  const ends: (() => void)[] = []
  const rounds = oneAtATime(() => new Promise((resolve) => void ends.push(resolve)), stop)
  const endNext = async () => {
    ends.at(-1)?.()
    await new Promise((resolve) => void setImmediate(resolve))
  }
  return { rounds, endNext, begun: () => ends.length }
}

test('for all who ask during a round there is one more, and then none', async () => {
  const { rounds, endNext, begun } = heldRounds()
  const over: string[] = []
  const asked = ['first', 'second', 'third'].map((name) => rounds.ask().then(() => over.push(name)))
  expect(begun()).toBe(1)
  await endNext()
  expect([begun(), over]).toEqual([2, []])
  await endNext()
  await Promise.all([...asked, rounds.settled()])
  expect(begun()).toBe(2)
  void rounds.ask()
  expect(begun()).toBe(3)
})

test('once it is stopped no round follows the one that is under way', async () => {
  const stop = new AbortController()
  const { rounds, endNext, begun } = heldRounds(stop.signal)
  void rounds.ask()
  void rounds.ask()
  stop.abort()
  await endNext()
  await rounds.settled()
  expect(begun()).toBe(1)
})
