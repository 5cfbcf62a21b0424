import { z } from 'zod'
import { isSettingName, REGISTRY, type SettingName, type SettingValue } from './registry.ts'

/** How a setting is written and shown. */
export type SettingKind = 'switch' | 'choice' | 'list' | 'duration' | 'number'

/** The kind of a setting: drawn from its default and its unit. */
export function kindOf(name: SettingName): SettingKind {
  const { default: value, unit } = REGISTRY[name]
  if (typeof value === 'boolean') return 'switch'
  if (typeof value === 'string') return 'choice'
  if (typeof value !== 'number') return 'list'
  return unit === 'seconds' ? 'duration' : 'number'
}

/** What a text stands for, by the kind of the setting. Undefined is refused by every schema. */
export function parseSettingText(name: SettingName, text: string): unknown {
  const trimmed = text.trim()
  switch (kindOf(name)) {
    case 'switch':
      return switchOf(trimmed)
    case 'choice':
      return choiceOf(name, trimmed)
    case 'list':
      return itemsOf(trimmed)
    case 'duration':
      return secondsOf(trimmed)
    case 'number':
      return /^\d{1,15}$/.test(trimmed) ? Number(trimmed) : undefined
  }
}

const SWITCH: Record<string, boolean> = { on: true, true: true, off: false, false: false }

/** `on` or `off`; `true` and `false` do as well. */
export const switchOf = (text: string): boolean | undefined => SWITCH[text.toLowerCase()]

/** The items of a comma-separated list. */
export const itemsOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

/** One of the values that there are, whatever its letter case. */
const choiceOf = (name: SettingName, text: string): string | undefined =>
  choicesOf(name).find((choice) => choice.toLowerCase() === text.toLowerCase())

/** Every value that a setting of the kind `choice` may have; none for all others. */
export const choicesOf = (name: SettingName): string[] =>
  (z.toJSONSchema(REGISTRY[name].schema).enum ?? []).filter((choice) => typeof choice === 'string')

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }
const ISO_8601 = /^P(?:(\d{1,9})W|(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?)$/i
const ISO_SECONDS = [604_800, 86_400, 3600, 60, 1]

/** Seconds of `30s`, `15m`, `12h`, `30d`, of a bare number, or of ISO 8601 (`PT30S`, `P30D`) without months and years. */
export function secondsOf(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d{1,9}) ?([smhd])?$/i.exec(text) ?? []
  return number === undefined ? isoSecondsOf(text) : Number(number) * (SECONDS[unit.toLowerCase()] ?? Number.NaN)
}

function isoSecondsOf(text: string): number | undefined {
  const [, ...parts] = ISO_8601.exec(text) ?? []
  if (parts.every((part) => part === undefined) || /T$/i.test(text)) return undefined
  return parts.reduce((sum, part, place) => sum + Number(part ?? 0) * (ISO_SECONDS[place] ?? 0), 0)
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const

/** Seconds in the largest unit that holds them without a rest; parts of a second to a tenth. */
export function durationText(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds >= length && seconds % length === 0) ?? ['s', 1]
  return `${Math.round((seconds / size) * 10) / 10}${unit}`
}

/** A value as one would write it into the environment. */
export function settingText(name: SettingName, value: SettingValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'number') return kindOf(name) === 'duration' ? durationText(value) : String(value)
  return typeof value === 'string' ? value : value.join(', ')
}

/** A value that is stored, for people; of any version, whether or not this one knows or takes it. */
export function storedText(name: string, value: unknown): string {
  if (value === null) return 'default'
  const parsed = isSettingName(name) ? REGISTRY[name].schema.safeParse(value) : undefined
  return isSettingName(name) && parsed?.success ? settingText(name, parsed.data) : JSON.stringify(value)
}

/** The least and the greatest number that a setting may be; nothing for what is no number. */
export function boundsOf(name: SettingName): { min?: number; max?: number } {
  const { minimum, maximum } = z.toJSONSchema(REGISTRY[name].schema)
  return { ...(minimum !== undefined && { min: minimum }), ...(maximum !== undefined && { max: maximum }) }
}

/** What a setting takes, in words: drawn from its schema. */
export function allowedFor(name: SettingName): string {
  const kind = kindOf(name)
  if (kind === 'switch') return 'on, off'
  if (kind === 'choice') return choicesOf(name).join(', ')
  if (kind === 'list') return `up to ${z.toJSONSchema(REGISTRY[name].schema).maxItems} texts, separated by commas`
  const { min = 0, max = Infinity } = boundsOf(name)
  if (kind === 'number') return `a whole number from ${min} to ${max}`
  return `from ${durationText(min)} to ${durationText(max)}, as 30s, 15m, 12h, 30d, in seconds or as ISO 8601`
}
