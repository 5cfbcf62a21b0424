import { expect, test } from 'vitest'
import { LatchkeyError, type LatchkeyErrorCode } from '../errors.ts'
import type { ServerCall } from './call-server.ts'
import { createRefresh } from './refresh.ts'
import { firstRetryKey } from './retry-key.ts'

/** Exchanges with a server that refuses everything in the same way, and what it was asked. */
function refusing(code: LatchkeyErrorCode, details: { status?: number; retryAfter?: number } = {}) {
  const calls: ServerCall[] = []
  const refresh = createRefresh((call) => {
    calls.push(call)
    return Promise.reject(new LatchkeyError(code, details))
  })
  const session = () => ({ refreshToken: crypto.randomUUID(), sessionId: 'sid', retryKey: firstRetryKey() })
  return { calls, session, refresh: (stored = session()) => refresh(stored, {}) }
}

test('a server that is away is asked three times, and then not for others either', async () => {
  const { calls, refresh } = refusing('unavailable', { status: 503 })
  expect(await refresh()).toMatchObject({ outcome: 'unavailable', error: { code: 'unavailable' } })
  expect(new Set(calls.map(({ headers }) => headers['Idempotency-Key'])).size).toBe(1)
  expect(await refresh()).toMatchObject({ outcome: 'unavailable', error: { retryAfter: 1 } })
  expect(calls).toHaveLength(3)
})

test('a fault that only one session has makes nobody else wait', async () => {
  const { calls, refresh } = refusing('internal_error', { status: 500 })
  await refresh()
  expect(calls).toHaveLength(3)
  await refresh()
  expect(calls).toHaveLength(6)
})

test('a limit is kept for its session alone, and for a minute at the most', async () => {
  const { calls, session, refresh } = refusing('too_many_requests', { status: 429, retryAfter: 5000 })
  const limited = session()
  expect(await refresh(limited)).toMatchObject({ outcome: 'unavailable', error: { code: 'too_many_requests' } })
  await refresh(limited)
  expect(calls).toHaveLength(1)
  await refresh()
  expect(calls).toHaveLength(2)
})

test('only a 401 of the server itself ends a session', async () => {
  expect(await refusing('invalid_refresh_token', { status: 401 }).refresh()).toEqual({ outcome: 'ended' })
  for (const [code, status] of [
    ['invalid_token', 401],
    ['unreadable_answer', 401],
    ['account_disabled', 401],
    ['invalid_input', 400],
    ['not_found', 404],
    ['unreadable_answer', 200],
    ['offline', undefined],
  ] as const) {
    const details = status === undefined ? {} : { status }
    expect((await refusing(code, details).refresh()).outcome).toBe('unavailable')
  }
})

test('ten thousand outcomes are kept, and no more', async () => {
  const { calls, session, refresh } = refusing('too_many_requests', { status: 429, retryAfter: 60 })
  const first = session()
  await refresh(first)
  for (let i = 0; i < 10_000; i++) await refresh()
  calls.length = 0
  await refresh(first)
  expect(calls).toHaveLength(1)
})
