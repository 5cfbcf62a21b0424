import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { REGISTRY, SETTING_NAMES } from './registry.ts'
import { defaultSettings } from './snapshot.ts'
import {
  allowedFor,
  boundsOf,
  durationText,
  kindOf,
  parseSettingText,
  secondsOf,
  settingText,
  storedText,
} from './text.ts'

test.for([
  ['30s', 30],
  ['15m', 900],
  ['15 m', 900],
  ['12H', 43_200],
  ['30d', 2_592_000],
  ['45', 45],
  ['0', 0],
  ['PT30S', 30],
  ['P30D', 2_592_000],
  ['PT1H30M', 5400],
  ['P1DT12H', 129_600],
  ['P2W', 1_209_600],
  ['pt5m', 300],
] as const)('%s is %i seconds', ([text, seconds]) => {
  expect(secondsOf(text)).toBe(seconds)
})

test.for(['', 's', '-1', '1.5m', '1y', '1h30m', 'P', 'PT', 'P1DT', 'P1M', 'P1Y', 'PT1', 'P1W2D', '1e3', '1234567890'])(
  '"%s" is no duration',
  (text) => {
    expect(secondsOf(text)).toBeUndefined()
  },
)

test('seconds are shown in the largest unit that holds them, and read back as the same', () => {
  expect([30, 90, 900, 5400, 7200, 86_400, 34_560_000, 0, 5 / 3].map(durationText)).toEqual([
    '30s',
    '90s',
    '15m',
    '90m',
    '2h',
    '1d',
    '400d',
    '0s',
    '1.7s',
  ])
  fc.assert(
    fc.property(fc.nat(999_999_999), (seconds) => {
      expect(secondsOf(durationText(seconds))).toBe(seconds)
    }),
  )
})

test.for([false, true])('the text of every default is read back as that default, production: %s', (production) => {
  const defaults = defaultSettings(production)
  for (const name of SETTING_NAMES) {
    expect(parseSettingText(name, settingText(name, defaults[name]))).toEqual(defaults[name])
  }
})

test('no text makes the parsing of a setting fail, and what it makes of it its schema can judge', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SETTING_NAMES), fc.string(), (name, text) => {
      const { success } = REGISTRY[name].schema.safeParse(parseSettingText(name, text))
      expect(success).toBeTypeOf('boolean')
    }),
  )
})

test('what is allowed is said as a person writes it', () => {
  expect(allowedFor('ACCESS_TOKEN_LIFETIME')).toContain('from 2s to 1d')
  expect(allowedFor('SESSIONS_PER_ACCOUNT_MAX')).toBe('a whole number from 1 to 1000')
  expect(allowedFor('REGISTRATION_OPEN')).toBe('on, off')
  expect(allowedFor('PASSWORD_OWN_WORDS')).toContain('separated by commas')
  expect([boundsOf('REFRESH_GRACE'), boundsOf('REGISTRATION_OPEN')]).toEqual([{ min: 0, max: 60 }, {}])
  expect(SETTING_NAMES.map(kindOf)).not.toContain(undefined)
})

test('values of other versions have a text, too', () => {
  expect(storedText('ACCESS_TOKEN_LIFETIME', 900)).toBe('15m')
  expect(storedText('ACCESS_TOKEN_LIFETIME', null)).toBe('default')
  expect(storedText('ACCESS_TOKEN_LIFETIME', 'soon')).toBe('"soon"')
  expect(storedText('OF_ANOTHER_VERSION', { a: 1 })).toBe('{"a":1}')
})
