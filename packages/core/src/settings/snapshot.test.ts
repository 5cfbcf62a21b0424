import { expect, test } from 'vitest'
import { REGISTRY, SETTING_NAMES } from './registry.ts'
import { brokenRules, createSettings, defaultSettings } from './snapshot.ts'
import { putInForce } from '../testing/settings.ts'

test.each([false, true])('every default is a value that its own schema takes, production: %s', (production) => {
  const defaults = defaultSettings(production)
  for (const name of SETTING_NAMES) expect(REGISTRY[name].schema.parse(defaults[name])).toEqual(defaults[name])
  expect(brokenRules(defaults)).toEqual([])
})

test('a local set-up takes the password of the contract, production is strict', () => {
  expect(defaultSettings(false)).toMatchObject({ PASSWORD_LENGTH_MIN: 8, PASSWORD_COMMON_REFUSED: false })
  expect(defaultSettings(true)).toMatchObject({ PASSWORD_LENGTH_MIN: 15, PASSWORD_COMMON_REFUSED: true })
})

test('what is fed comes into force at once; what the environment fixes stays', () => {
  const settings = createSettings({ production: false, environment: { ACCESS_TOKEN_LIFETIME: 60 } })
  putInForce(settings, { ACCESS_TOKEN_LIFETIME: 120, REFRESH_GRACE: 5 })
  expect(settings.current()).toMatchObject({
    ACCESS_TOKEN_LIFETIME: 60,
    REFRESH_GRACE: 5,
    SESSIONS_PER_ACCOUNT_MAX: 50,
  })
  expect([settings.source('ACCESS_TOKEN_LIFETIME'), settings.source('REFRESH_GRACE')]).toEqual([
    'environment',
    'revision',
  ])
})

test('the grace in force is the smaller of REFRESH_GRACE and a third of ACCESS_TOKEN_LIFETIME', () => {
  const settings = createSettings({ production: false })
  expect(settings.graceSeconds()).toBe(10)
  putInForce(settings, { ACCESS_TOKEN_LIFETIME: 12 })
  expect(settings.graceSeconds()).toBe(4)
  putInForce(settings, { ACCESS_TOKEN_LIFETIME: 300, REFRESH_GRACE: 30 })
  expect(settings.graceSeconds()).toBe(30)
})

test('a rule that is broken says so in its own sentence', () => {
  const values = { ...defaultSettings(false), ACCESS_TOKEN_LIFETIME: 120, REFRESH_TOKEN_LIFETIME: 60 }
  expect(brokenRules(values)).toEqual(['ACCESS_TOKEN_LIFETIME cannot be longer than REFRESH_TOKEN_LIFETIME.'])
})

test.each([
  [1_048_576, 1, true],
  [1_048_576, 3, true],
  [262_144, 10, true],
  [1_048_576, 10, false],
  [314_573, 10, false],
])('a hash of %i KiB in %i passes is one that a login can wait for: %s', (memory, iterations, bearable) => {
  const values = {
    ...defaultSettings(false),
    PASSWORD_HASH_MEMORY: memory,
    PASSWORD_HASH_ITERATIONS: iterations,
  }
  const sentence =
    'PASSWORD_HASH_MEMORY times PASSWORD_HASH_ITERATIONS cannot be more than 3,145,728 KiB: a login would take too long.'
  expect(brokenRules(values)).toEqual(bearable ? [] : [sentence])
})

test('an answer that was slow never puts an older revision in force; a database that was restored does', () => {
  const settings = createSettings({ production: false })
  const revision = (number: number, askedAt: number) => ({
    number,
    at: new Date(number),
    stored: { values: { ACCESS_TOKEN_LIFETIME: 60 + number }, overrides: {} },
    askedAt,
  })
  const told: number[] = []
  const forget = settings.onApplied((number) => told.push(number))
  const asked = performance.now()
  settings.apply(revision(5, asked))
  settings.apply(revision(4, asked))
  settings.apply(revision(5, asked))
  expect([settings.revision(), settings.current().ACCESS_TOKEN_LIFETIME]).toEqual([5, 65])
  settings.apply(revision(3, performance.now() + 1))
  expect([settings.revision(), settings.current().ACCESS_TOKEN_LIFETIME]).toEqual([3, 63])
  const again = { ...revision(3, asked), at: new Date(), stored: { values: {}, overrides: {} } }
  settings.apply(again)
  expect(settings.current().ACCESS_TOKEN_LIFETIME).toBe(63)
  settings.apply({ ...again, askedAt: performance.now() + 1 })
  expect(settings.current().ACCESS_TOKEN_LIFETIME).toBe(30)
  expect(settings.revisionId()).toEqual({ number: 3, at: again.at })
  forget()
  settings.apply(revision(6, performance.now()))
  expect(told).toEqual([5, 3, 3])
})

test('overrides end by the time of the database, not of this process', () => {
  const settings = createSettings({ production: false })
  const until = new Date(Date.now() + 10_000).toISOString()
  const stored = { values: {}, overrides: { REFRESH_GRACE: { value: 2, until } } }
  settings.apply({ number: 1, at: new Date(), stored, askedAt: performance.now() })
  expect(settings.current().REFRESH_GRACE).toBe(2)
  settings.observe(new Date(Date.now() + 11_000), performance.now())
  expect([settings.current().REFRESH_GRACE, settings.overridesDue()]).toEqual([10, true])
  settings.observe(new Date(Date.now() - 60_000), performance.now())
  expect(settings.overridesDue()).toBe(false)
})
