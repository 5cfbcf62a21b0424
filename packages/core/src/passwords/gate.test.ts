import { expect, test } from 'vitest'
import { createGate, type Gate } from './gate.ts'

/** Hashes that run until the test ends them. */
function hashes(gate: Gate) {
  const started: string[] = []
  const ends = new Map<string, PromiseWithResolvers<string>>()
  return {
    started,
    start: (name: string) => {
      const end = Promise.withResolvers<string>()
      ends.set(name, end)
      return gate.run(() => {
        started.push(name)
        return end.promise
      })
    },
    end: (name: string) => ends.get(name)?.resolve(name),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
  }
}

test('runs as many as it has slots, the others in the order in which they came', async () => {
  const { start, end, started } = hashes(createGate({ slots: () => 2, assumedMs: () => 10 }))
  const all = ['a', 'b', 'c', 'd', 'e'].map(start)
  expect(started).toEqual(['a', 'b'])
  end('b')
  await all[1]
  expect(started).toEqual(['a', 'b', 'c'])
  end('a')
  end('c')
  await Promise.all([all[0], all[2]])
  expect(started).toEqual(['a', 'b', 'c', 'd', 'e'])
  end('d')
  end('e')
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('goes on after a hash that failed', async () => {
  const { start, end, fail, started } = hashes(createGate({ slots: () => 1, assumedMs: () => 10 }))
  const [a, b] = [start('a'), start('b')]
  fail('a')
  await expect(a).rejects.toThrow('a')
  expect(started).toEqual(['a', 'b'])
  end('b')
  expect(await b).toBe('b')
})

test('is busy when a newcomer would wait longer than two seconds, and only then', async () => {
  const { start, end, started } = hashes(createGate({ slots: () => 1, assumedMs: () => 500, now: () => 0 }))
  const all = ['a', 'b', 'c', 'd', 'e'].map(start)
  await expect(start('f')).rejects.toMatchObject({ code: 'busy', status: 503, retryAfter: 3 })
  end('a')
  await all[0]
  all.push(start('g'))
  for (const name of ['b', 'c', 'd', 'e', 'g']) end(name)
  await Promise.all(all)
  expect(started).toEqual(['a', 'b', 'c', 'd', 'e', 'g'])
})

test('learns how long a hash takes here', async () => {
  let ms = 0
  const gate = createGate({ slots: () => 1, assumedMs: () => 10, now: () => ms })
  const takes = (duration: number) =>
    gate.run(async () => {
      ms += duration
    })
  for (let i = 0; i < 40; i++) await takes(900)
  const { start, end } = hashes(gate)
  const all = ['a', 'b', 'c'].map(start)
  await expect(start('d')).rejects.toMatchObject({ code: 'busy' })
  for (const name of ['a', 'b', 'c']) end(name)
  await Promise.all(all)
})

test('a cost that was changed counts at once, by what has been learnt of this machine', async () => {
  let ms = 0
  let assumedMs = 10
  const gate = createGate({ slots: () => 1, assumedMs: () => assumedMs, now: () => ms })
  for (let i = 0; i < 60; i++) {
    await gate.run(async () => {
      ms += 20 // half as fast as assumed
    })
  }
  assumedMs = 600
  const { start, end } = hashes(gate)
  const all = ['a', 'b'].map(start)
  await expect(start('c')).rejects.toMatchObject({ code: 'busy', retryAfter: 2 })
  for (const name of ['a', 'b']) end(name)
  expect(await Promise.all(all)).toHaveLength(2)
})

test('one hash during which the machine slept hardly shortens the queue', async () => {
  let ms = 0
  const gate = createGate({ slots: () => 1, assumedMs: () => 10, now: () => ms })
  await gate.run(async () => {
    ms += 3_600_000
  })
  const { start, end } = hashes(gate)
  const all = ['a', 'b', 'c', 'd', 'e', 'f'].map(start)
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) end(name)
  expect(await Promise.all(all)).toHaveLength(6)
})

test('refuses beforehand whom it would refuse then, and nobody else', async () => {
  const gate = createGate({ slots: () => 1, assumedMs: () => 700, now: () => 0 })
  const { start, end } = hashes(gate)
  const all: Promise<string>[] = []
  for (const name of ['a', 'b', 'c']) {
    expect(() => gate.admit()).not.toThrow()
    all.push(start(name))
  }
  expect(() => gate.admit()).toThrow(expect.objectContaining({ code: 'busy', retryAfter: 2 }))
  for (const [i, name] of ['a', 'b', 'c'].entries()) {
    end(name)
    await all[i]
  }
  expect(() => gate.admit()).not.toThrow()
})

test('follows a change of its slots without letting a newcomer pass', async () => {
  let slots = 1
  const { start, end, started } = hashes(createGate({ slots: () => slots, assumedMs: () => 10 }))
  const all = ['a', 'b', 'c', 'd'].map(start)
  slots = 3
  all.push(start('e'))
  expect(started).toEqual(['a'])
  end('a')
  await all[0]
  expect(started).toEqual(['a', 'b', 'c', 'd'])
  slots = 1
  end('b')
  end('c')
  await Promise.all([all[1], all[2]])
  expect(started).toEqual(['a', 'b', 'c', 'd'])
  end('d')
  end('e')
  await Promise.all(all)
})

test('tells how it stands', async () => {
  const gate = createGate({ slots: () => 2, assumedMs: () => 10 })
  expect(gate.queue()).toEqual({ waiting: 0, running: 0, slots: 2 })
  const { start, end } = hashes(gate)
  const all = ['a', 'b', 'c'].map(start)
  expect(gate.queue()).toEqual({ waiting: 1, running: 2, slots: 2 })
  for (const name of ['a', 'b', 'c']) end(name)
  await Promise.all(all)
  expect(gate.queue()).toEqual({ waiting: 0, running: 0, slots: 2 })
})

test('who would wait too long is told so at once, and whoever waits already is not touched', async () => {
  const { start, end, started } = hashes(createGate({ slots: () => 1, assumedMs: () => 1000 }))
  const all = ['a', 'b', 'c'].map(start)
  const refused: number[] = []
  for (let i = 0; i < 200; i++) {
    const at = performance.now()
    await expect(start('late')).rejects.toMatchObject({ code: 'busy', retryAfter: 3 })
    refused.push(performance.now() - at)
  }
  expect(Math.max(...refused)).toBeLessThan(50)
  for (const name of ['a', 'b', 'c']) end(name)
  await Promise.all(all)
  expect(started).toEqual(['a', 'b', 'c'])
})
