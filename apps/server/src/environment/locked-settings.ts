import {
  brokenRules,
  defaultSettings,
  REGISTRY,
  SETTING_NAMES,
  type SettingName,
  type SettingValues,
} from '@latchkey/core'
import { z } from 'zod'
import { itemsOf, secondsOf, switchOf } from './fields.ts'

/** A value of any setting. */
type SettingValue = SettingValues[SettingName]

/** What the environment fixes of the live settings, and what is wrong with it. */
export interface LockedSettings {
  settings: Partial<SettingValues>
  faults: string[]
}

/** The variable that locks a setting. */
export const lockOf = (name: SettingName): string => `LATCHKEY_${name}`

/** Reads the live settings that the environment locks, by the registry's own types, ranges and rules. */
export function readLockedSettings(given: Record<string, string>, production: boolean): LockedSettings {
  const faults: string[] = []
  const locked: [SettingName, SettingValue][] = []
  for (const name of SETTING_NAMES) {
    const text = given[lockOf(name)]
    if (text === undefined) continue
    const value = REGISTRY[name].schema.safeParse(valueOf(name, text))
    if (value.success) locked.push([name, value.data])
    else faults.push(`${lockOf(name)} is ${JSON.stringify(text)}. Allowed: ${allowedFor(name)}.`)
  }
  // Each value went through the schema of its own name.
  const settings = Object.fromEntries(locked) as Partial<SettingValues>
  return { settings, faults: [...faults, ...brokenRules({ ...defaultSettings(production), ...settings })] }
}

/** What a setting takes, in words: drawn from its schema. */
export function allowedFor(name: SettingName): string {
  const kind = kindOf(name)
  if (kind === 'switch') return 'on, off'
  const range = z.toJSONSchema(REGISTRY[name].schema)
  if (kind === 'list') return `up to ${range.maxItems} texts, separated by commas`
  const bound = kind === 'duration' ? durationText : String
  const bounds = `from ${bound(range.minimum ?? 0)} to ${bound(range.maximum ?? Infinity)}`
  return kind === 'duration' ? `${bounds}, as 30s, 15m, 12h, 30d or in seconds` : `a whole number ${bounds}`
}

/** A value as one would write it into the environment. */
export function settingText(name: SettingName, value: SettingValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'number') return kindOf(name) === 'duration' ? durationText(value) : String(value)
  return value.join(', ')
}

/** Seconds in the largest unit that holds them without a rest. */
export function durationText(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds >= length && seconds % length === 0) ?? ['s', 1]
  return `${seconds / size}${unit}`
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const

/** What the text stands for, by the kind of the setting; undefined is refused by every schema. */
function valueOf(name: SettingName, text: string): unknown {
  const kind = kindOf(name)
  if (kind === 'switch') return switchOf(text)
  if (kind === 'list') return itemsOf(text)
  if (kind === 'duration') return secondsOf(text)
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function kindOf(name: SettingName): 'switch' | 'list' | 'duration' | 'number' {
  const { default: value, unit } = REGISTRY[name]
  if (typeof value === 'boolean') return 'switch'
  if (typeof value !== 'number') return 'list'
  return unit === 'seconds' ? 'duration' : 'number'
}
