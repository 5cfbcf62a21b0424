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
