import { expect, test } from 'vitest'
import { LatchkeyError } from './errors.ts'
import { safely } from './safe.ts'

const calls = {
  good: async (name: string) => `Hello ${name}`,
  bad: async (): Promise<string> => {
    throw new LatchkeyError('offline')
  },
  nested: { list: async () => [1, 2] },
}

test('gives data or the error, at any depth', async () => {
  const safe = safely(calls)
  expect(await safe.good('Ann')).toEqual({ data: 'Hello Ann', error: null })
  expect(await safe.bad()).toMatchObject({ data: null, error: { code: 'offline' } })
  expect(await safe.nested.list()).toEqual({ data: [1, 2], error: null })
})

test('is not taken for a promise', async () => {
  const nested = await (async () => safely(calls).nested)()
  expect(await nested.list()).toMatchObject({ data: [1, 2] })
})
