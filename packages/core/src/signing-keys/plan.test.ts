import { expect, test } from 'vitest'
import { dueSteps, type KeySettings, type KeyStep, type PlannedKey } from './plan.ts'

const SETTINGS: KeySettings = {
  SIGNING_ALGORITHM: 'EdDSA',
  KEY_ROTATION_INTERVAL: 86_400,
  ACCESS_TOKEN_LIFETIME: 30,
  JWKS_MAX_AGE: 300,
  CLOCK_SKEW: 60,
}

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000)

/** A key by the seconds at which things happen to it. */
function key(
  id: string,
  { made, from, until, ...other }: { made: number; from?: number; until?: number } & Partial<PlannedKey>,
): PlannedKey {
  return {
    id,
    algorithm: 'EdDSA',
    createdAt: at(made),
    activatedAt: from === undefined ? null : at(from),
    retiredAt: until === undefined ? null : at(until),
    lifetimeMax: 30,
    maxAgeMax: 300,
    ...other,
  }
}

const due = (keys: PlannedKey[], seconds: number, settings: Partial<KeySettings> = {}, asked = false): KeyStep[] =>
  dueSteps({ keys, settings: { ...SETTINGS, ...settings }, now: at(seconds), asked })

const ACTIVE = key('a', { made: 0, from: 0 })
const NEXT = key('b', { made: 0 })

test('an empty database gets a key that signs and one that waits', () => {
  expect(due([], 0)).toEqual([
    { do: 'begin', algorithm: 'EdDSA' },
    { do: 'publish', algorithm: 'EdDSA' },
  ])
})

test('nothing is due while one signs and one waits', () => {
  expect(due([NEXT, ACTIVE], 86_399)).toEqual([])
})

test('once the interval is over the next key takes over after a notice, and another one is published', () => {
  expect(due([NEXT, ACTIVE], 86_400)).toEqual([
    { do: 'switch', from: 'a', to: 'b', at: at(86_405), because: 'interval' },
    { do: 'publish', algorithm: 'EdDSA' },
  ])
})

test('a switch that is decided is not decided again', () => {
  const decided = [
    key('c', { made: 86_400 }),
    key('b', { made: 0, from: 86_405 }),
    key('a', { made: 0, from: 0, until: 86_405 }),
  ]
  expect(due(decided, 86_402)).toEqual([])
  expect(due(decided, 86_402, {}, true)).toEqual([])
})

test('a key is asked to sign before everybody can know it: it does as soon as they do', () => {
  expect(due([NEXT, ACTIVE], 10, {}, true)).toContainEqual({
    do: 'switch',
    from: 'a',
    to: 'b',
    at: at(305),
    because: 'asked',
  })
})

test('it waits for the longest max-age with which a JWKS without it was given away', () => {
  const old = { ...ACTIVE, maxAgeMax: 3600 }
  expect(due([NEXT, old], 10, {}, true)).toContainEqual(expect.objectContaining({ at: at(3605) }))
  expect(due([NEXT, ACTIVE], 10, { JWKS_MAX_AGE: 7200 }, true)).toContainEqual(
    expect.objectContaining({ at: at(7205) }),
  )
})

test('a key is published until its last token has run out, for the slowest clock too', () => {
  const retired = key('z', { made: -900, from: -900, until: 0 })
  expect(due([NEXT, ACTIVE, retired], 94.9)).toEqual([])
  expect(due([NEXT, ACTIVE, retired], 95)).toEqual([{ do: 'remove', id: 'z' }])
})

test('tokens of a longer lifetime of before are waited for', () => {
  const retired = key('z', { made: -900, from: -900, until: 0, lifetimeMax: 3600 })
  expect(due([NEXT, ACTIVE, retired], 3664.9)).toEqual([])
  expect(due([NEXT, ACTIVE, retired], 3665)).toEqual([{ do: 'remove', id: 'z' }])
})

test('a lifetime that was raised is noted with the keys that sign or will, and with no other', () => {
  const retired = key('z', { made: -900, from: -900, until: 0 })
  const note = { do: 'note', lifetime: 60, maxAge: 300 }
  expect(due([NEXT, ACTIVE, retired], 10, { ACCESS_TOKEN_LIFETIME: 60 })).toEqual([note])
  const noted = [NEXT, ACTIVE].map((each) => ({ ...each, lifetimeMax: 60 }))
  expect(due([...noted, retired], 10, { ACCESS_TOKEN_LIFETIME: 60 })).toEqual([])
  expect(due([...noted, retired], 10, { ACCESS_TOKEN_LIFETIME: 30 })).toEqual([])
})

test('another algorithm is published first, and signs once everybody knows it; then the key for the one before goes', () => {
  const settings = { SIGNING_ALGORITHM: 'ES256' } as const
  expect(due([NEXT, ACTIVE], 1000, settings)).toEqual([{ do: 'publish', algorithm: 'ES256' }])
  const published = [key('c', { made: 1000, algorithm: 'ES256' }), NEXT, ACTIVE]
  expect(due(published, 1299, settings)).toEqual([])
  expect(due(published, 1300, settings)).toEqual([
    { do: 'switch', from: 'a', to: 'c', at: at(1305), because: 'algorithm' },
    { do: 'publish', algorithm: 'ES256' },
  ])
  const switched = [
    key('d', { made: 1300, algorithm: 'ES256' }),
    key('c', { made: 1000, from: 1305, algorithm: 'ES256' }),
    NEXT,
    key('a', { made: 0, from: 0, until: 1305 }),
  ]
  expect(due(switched, 1604.9, settings)).not.toContainEqual({ do: 'remove', id: 'b' })
  expect(due(switched, 1605, settings)).toContainEqual({ do: 'remove', id: 'b' })
})

test('instances that want two algorithms keep both keys published, and do not chase each other', () => {
  const both = [key('c', { made: 1000, algorithm: 'ES256' }), key('b', { made: 900 }), ACTIVE]
  expect(due(both, 1001)).toEqual([])
  expect(due(both, 1001, { SIGNING_ALGORITHM: 'ES256' })).toEqual([])
})

test('while none signs the one that was published first does at once, and one whose turn is decided is waited for', () => {
  const waiting = [key('c', { made: 50 }), NEXT]
  expect(due(waiting, 100)).toEqual([
    { do: 'activate', id: 'b' },
    { do: 'publish', algorithm: 'EdDSA' },
  ])
  expect(due([...waiting, key('d', { made: 0, from: 101 })], 100)).toEqual([])
})

test('a lifetime that was raised just before a switch is noted with the key that has just retired', () => {
  const retired = key('z', { made: -900, from: -900, until: 0 })
  expect(
    due([{ ...NEXT, lifetimeMax: 60 }, { ...ACTIVE, lifetimeMax: 60 }, retired], 4, { ACCESS_TOKEN_LIFETIME: 60 }),
  ).toEqual([{ do: 'note', lifetime: 60, maxAge: 300 }])
})
