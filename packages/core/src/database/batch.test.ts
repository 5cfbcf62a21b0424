import { expect, test, vi } from 'vitest'
import { LatchkeyError } from '../errors.ts'
import { batched } from './batch.ts'

/** Answers by hand: what went together, and how to let it go on. */
function byHand(keyOf?: (item: string) => string) {
  const sent: string[][] = []
  const answers: PromiseWithResolvers<(string | undefined)[]>[] = []
  const alone = vi.fn<(item: string) => Promise<string>>(async (item) => `${item} alone`)
  const ask = batched<string, string>({
    alone,
    together(items) {
      sent.push(items)
      const answer = Promise.withResolvers<(string | undefined)[]>()
      answers.push(answer)
      return answer.promise
    },
    ...(keyOf && { keyOf }),
  })
  return { ask, alone, sent, answers }
}

const lockFault = () =>
  new LatchkeyError('unavailable', { cause: Object.assign(new Error('lock timeout'), { code: '55P03' }) })

test('what comes while a statement runs goes into the next, 32 at most', async () => {
  const { ask, sent, answers } = byHand()
  const all = Array.from({ length: 40 }, (_, i) => ask(String(i)))
  expect(sent).toEqual([['0']])
  answers[0]?.resolve(['a'])
  expect(await all[0]).toBe('a')
  await vi.waitFor(() => expect(sent.map(({ length }) => length)).toEqual([1, 32]))
  answers[1]?.resolve(sent[1]?.map((item) => `row ${item}`) ?? [])
  expect(await all[32]).toBe('row 32')
  await vi.waitFor(() => expect(sent.map(({ length }) => length)).toEqual([1, 32, 7]))
})

test('two of one key never go together, and keep their order', async () => {
  const { ask, sent, answers } = byHand((item) => item.slice(0, 1))
  const all = ['x', 'a1', 'a2', 'b1', 'a3'].map((item) => ask(item))
  for (let round = 0; round < 4; round++) {
    await vi.waitFor(() => expect(answers.length).toBe(round + 1))
    answers[round]?.resolve(sent[round] ?? [])
  }
  await Promise.all(all)
  expect(sent).toEqual([['x'], ['a1', 'b1'], ['a2'], ['a3']])
})

test('what the statement says nothing of is asked alone, and holds up nobody', async () => {
  const { ask, alone, sent, answers } = byHand()
  alone.mockImplementation(() => new Promise(() => {}))
  void ask('slow')
  const next = ask('next')
  answers[0]?.resolve([undefined])
  await vi.waitFor(() => expect(sent).toEqual([['slow'], ['next']]))
  answers[1]?.resolve(['done'])
  expect(await next).toBe('done')
  expect(alone).toHaveBeenCalledExactlyOnceWith('slow')
})

test.for([
  ['a fault of one', new Error('one is odd')],
  ['a row that somebody holds', lockFault()],
] as const)('after %s each is asked alone', async ([, fault]) => {
  const { ask, answers } = byHand()
  const first = ask('first')
  const others = [ask('a'), ask('b')]
  answers[0]?.resolve(['ok'])
  expect(await first).toBe('ok')
  await vi.waitFor(() => expect(answers.length).toBe(2))
  answers[1]?.reject(fault)
  expect(await Promise.all(others)).toEqual(['a alone', 'b alone'])
})

test('a database that is away is away for all who wait, and asked again for the next', async () => {
  const { ask, alone, answers } = byHand()
  const away = new LatchkeyError('unavailable')
  const all = Promise.allSettled([ask('first'), ask('waits'), ask('waits, too')])
  answers[0]?.reject(away)
  for (const result of await all) expect(result).toEqual({ status: 'rejected', reason: away })
  const next = ask('next')
  await vi.waitFor(() => expect(answers.length).toBe(2))
  answers[1]?.resolve(['back'])
  expect(await next).toBe('back')
  expect(alone).not.toHaveBeenCalled()
})

test('who has waited too long is let go, and not asked for', async ({ onTestFinished }) => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(0)
  onTestFinished(() => now.mockRestore())
  const { ask, sent, answers } = byHand()
  const first = ask('first')
  const late = ask('late')
  now.mockReturnValue(2000)
  const young = ask('young')
  now.mockReturnValue(3000)
  answers[0]?.resolve(['ok'])
  await first
  await expect(late).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 })
  expect(sent).toEqual([['first'], ['young']])
  answers[1]?.resolve(['ok'])
  await young
})
