import { randomBytes } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { NO_ORIGIN } from '../audit/origin.ts'
import { testClock } from '../testing/clock.ts'
import { putInForce } from '../testing/settings.ts'
import { silentLog } from '../log.ts'
import { createSettings } from '../settings/snapshot.ts'
import { createRefreshLimits } from './refreshes.ts'

const HERE = { ...NO_ORIGIN, address: '192.0.2.7' }
const THERE = { ...NO_ORIGIN, address: '2001:db8::1' }
const selector = () => randomBytes(16)

function setUp() {
  const clock = testClock()
  const settings = createSettings({ production: false, clock, log: silentLog })
  const limited = vi.fn<(name: string) => void>()
  const limits = createRefreshLimits({ clock, settings, limited })
  /** How many of so many refreshes are let through; of new selectors each time, if none is given. */
  const admitted = (times: number, origin: typeof HERE, known: boolean, mac?: Buffer) => {
    let count = 0
    for (let i = 0; i < times; i++) {
      const each = mac ?? selector()
      try {
        limits.refresh(each, origin)
      } catch {
        continue
      }
      count++
      limits.refreshed(each, origin, known)
    }
    return count
  }
  return { clock, settings, limited, limits, admitted }
}

test('a session may refresh 30 times a minute', () => {
  const { admitted, clock, limits, limited } = setUp()
  const mac = selector()
  expect(admitted(100, HERE, true, mac)).toBe(30)
  clock.advance(20)
  expect(() => limits.refresh(mac, HERE)).toThrow(
    expect.objectContaining({
      code: 'too_many_requests',
      retryAfter: 40,
      limit: { name: 'refresh-session', limit: 30, windowSeconds: 60 },
    }),
  )
  expect(limited).toHaveBeenLastCalledWith('refresh-session')
  expect(admitted(1, HERE, true)).toBe(1)
  clock.advance(40)
  expect(admitted(100, HERE, true, mac)).toBe(30)
})

test('an address may try 60 unknown selectors a minute, and other addresses do not mind', () => {
  const { admitted, clock, limited } = setUp()
  expect(admitted(500, HERE, false)).toBe(60)
  expect(limited).toHaveBeenLastCalledWith('refresh-unknown')
  expect(admitted(500, { ...HERE, address: '192.0.2.8' }, false)).toBe(60)
  clock.advance(60)
  expect(admitted(500, HERE, false)).toBe(60)
})

test('an IPv6 network counts as one', () => {
  const { admitted } = setUp()
  expect(admitted(40, THERE, false)).toBe(40)
  expect(admitted(40, { ...THERE, address: '2001:db8:0:ff::9' }, false)).toBe(20)
  expect(admitted(40, { ...THERE, address: '2001:db8:0:100::9' }, false)).toBe(40)
})

test('honest sessions behind the address of an attacker go on', () => {
  const { admitted, clock } = setUp()
  const honest = Array.from({ length: 200 }, selector)
  for (const mac of honest) expect(admitted(1, HERE, true, mac)).toBe(1)
  admitted(500, HERE, false)
  for (let round = 0; round < 3; round++) {
    clock.advance(30)
    admitted(500, HERE, false)
    for (const mac of honest) expect(admitted(1, HERE, true, mac)).toBe(1)
  }
})

test('attempts in flight count, and those of sessions are given back', () => {
  const { limits, admitted } = setUp()
  const flying = Array.from({ length: 60 }, selector)
  for (const mac of flying) limits.refresh(mac, HERE)
  expect(admitted(1, HERE, false)).toBe(0)
  for (const mac of flying.slice(0, 20)) limits.refreshed(mac, HERE, true)
  for (const mac of flying.slice(20)) limits.refreshed(mac, HERE, false)
  expect(admitted(100, HERE, false)).toBe(20)
})

test('two tabs of a session that is new here take no point of its address', () => {
  const { limits, admitted } = setUp()
  const mac = selector()
  for (let tab = 0; tab < 2; tab++) limits.refresh(mac, HERE)
  for (let tab = 0; tab < 2; tab++) limits.refreshed(mac, HERE, true)
  expect(admitted(100, HERE, false)).toBe(60)
})

test('a session that has ended is unknown from then on', () => {
  const { admitted } = setUp()
  const ended = Array.from({ length: 100 }, selector)
  for (const mac of ended) admitted(1, HERE, true, mac)
  for (const mac of ended) admitted(1, HERE, false, mac)
  expect(ended.filter((mac) => admitted(1, HERE, false, mac) === 1)).toEqual([])
})

test('a change of a number is in force at once', () => {
  const { admitted, settings } = setUp()
  const mac = selector()
  expect(admitted(100, HERE, true, mac)).toBe(30)
  putInForce(settings, { REFRESHES_PER_MINUTE: 40, REFRESHES_UNKNOWN_PER_MINUTE: 5 })
  expect(admitted(100, HERE, true, mac)).toBe(10)
  expect(admitted(100, HERE, false)).toBe(5)
})
