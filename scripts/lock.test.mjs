import { expect, test } from 'vitest'
import { alone } from './lock.mjs'

test.runIf(process.platform === 'linux')('lets one work after the other', async () => {
  /** @type {string[]} */
  const events = []
  const work = (/** @type {string} */ name) => async () => {
    events.push(`${name} begins`)
    await new Promise((resolve) => setImmediate(resolve))
    events.push(`${name} ends`)
  }
  const first = alone(work('first'), () => events.push('first waits'))
  const second = alone(work('second'), () => events.push('second waits'))
  await Promise.all([first, second])
  expect(events.filter((event) => !event.endsWith('waits'))).toEqual([
    'first begins',
    'first ends',
    'second begins',
    'second ends',
  ])
})

test('is free again after work that failed', async () => {
  await expect(
    alone(
      () => Promise.reject(new Error('no')),
      () => {},
    ),
  ).rejects.toThrow('no')
  await expect(
    alone(
      async () => 'yes',
      () => {},
    ),
  ).resolves.toBe('yes')
})
