import { expect, test } from 'vitest'
import { LatchkeyError } from './errors.ts'
import { createDevice, simulateTime } from './testing/index.ts'
import { inTries } from './tries.ts'

/** Time that passes as fast as the event loop turns. */
function makeTime() {
  const settled = () => new Promise<void>((resolve) => void setImmediate(resolve))
  const time = simulateTime({ moved: () => {}, settled })
  return { time, environment: createDevice({ time }).openTab().environment }
}

test('a try that takes too long is called off, and two more follow within the grace', async () => {
  const { time, environment } = makeTime()
  const began: number[] = []
  const signals: AbortSignal[] = []
  const tries = inTries(environment, 3, (signal) => {
    began.push(time.now())
    signals.push(signal)
    return new Promise(() => {})
  }).catch((error: unknown) => error)
  await time.advance(20_000)
  expect(await tries).toMatchObject({ code: 'timeout' })
  expect(began).toEqual([0, 3150, 6600])
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true])
})

test('who asks to wait is not asked before; who asks for too long is not asked again', async () => {
  const { time, environment } = makeTime()
  const run = async (retryAfter: number) => {
    const from = time.now()
    const began: number[] = []
    const tries = inTries(environment, 3, () => {
      began.push(time.now() - from)
      return Promise.reject(new LatchkeyError('unavailable', { status: 503, retryAfter }))
    }).catch(() => {})
    await time.advance(20_000)
    await tries
    return began
  }
  expect(await run(2)).toEqual([0, 2000, 4000])
  expect(await run(30)).toEqual([0])
})

test('what will not pass is not tried again', async () => {
  const { time, environment } = makeTime()
  let tries = 0
  const refused = inTries(environment, 3, () => {
    tries++
    return Promise.reject(new LatchkeyError('invalid_refresh_token', { status: 401 }))
  }).catch((error: unknown) => error)
  await time.advance(20_000)
  expect([await refused, tries]).toMatchObject([{ code: 'invalid_refresh_token' }, 1])
})
