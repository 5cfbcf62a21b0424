import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { StoredChange, StoredOverride, StoredSettings } from './revision.ts'

/** What is stored before the first revision. */
export const NOTHING_STORED: StoredSettings = { values: {}, overrides: {} }

const everything = () => z.record(z.string(), z.unknown()).catch({})
const StoredShape = z.looseObject({ values: everything(), overrides: everything() }).catch({ ...NOTHING_STORED })
const OverrideShape = z.looseObject({ value: z.unknown(), until: z.iso.datetime() })

/** Reads what a revision stored, whatever version wrote it: nothing of it makes this fail, and nothing is lost. */
export function storedFrom(json: unknown): StoredSettings {
  return StoredShape.parse(json)
}

/** The override of a setting, whether its time is over or not; undefined also for what this version cannot read. */
export function overrideOf({ overrides }: StoredSettings, name: string): StoredOverride | undefined {
  return OverrideShape.safeParse(overrides[name]).data
}

/** The override of a setting whose end is still to come. */
export function runningOverride(stored: StoredSettings, name: string, at: Date): StoredOverride | undefined {
  const override = overrideOf(stored, name)
  return override !== undefined && Date.parse(override.until) > at.getTime() ? override : undefined
}

/** When overrides end after a time: each moment once, the first first. */
export function endsAfter(stored: StoredSettings, at: Date): Date[] {
  const ends = Object.keys(stored.overrides).flatMap((name) => runningOverride(stored, name, at)?.until ?? [])
  return [...new Set(ends.map((until) => Date.parse(until)))].toSorted((a, b) => a - b).map((end) => new Date(end))
}

/** The names of overrides whose time is over. */
export function endedOverrides(stored: StoredSettings, at: Date): string[] {
  return Object.keys(stored.overrides).filter(
    (name) => overrideOf(stored, name) !== undefined && runningOverride(stored, name, at) === undefined,
  )
}

/** The value that is stored for a setting at a time: that of its override, else that of a revision; null for none. */
export function storedValue(stored: StoredSettings, name: string, at: Date): unknown {
  return (runningOverride(stored, name, at) ?? { value: stored.values[name] }).value ?? null
}

/** What is stored once these changes are made: null takes a value away, `until` makes them overrides. */
export function withChanges(stored: StoredSettings, changes: Map<string, unknown>, until?: Date): StoredSettings {
  const [values, overrides] = [{ ...stored.values }, { ...stored.overrides }]
  for (const [name, value] of changes) {
    if (until !== undefined) {
      overrides[name] = { value, until: until.toISOString() } satisfies StoredOverride
      continue
    }
    delete overrides[name]
    if (value === null) delete values[name]
    else values[name] = value
  }
  return { ...stored, values, overrides }
}

/** What is stored without these overrides. */
export function withoutOverrides(stored: StoredSettings, names: string[]): StoredSettings {
  const left = Object.entries(stored.overrides).filter(([name]) => !names.includes(name))
  return { ...stored, overrides: Object.fromEntries(left) }
}

/** What a revision changes in what is stored: each setting with the value that was in force and the one that is then. */
export function storedChanges(before: StoredSettings, after: StoredSettings, at: Date): StoredChange[] {
  const names = new Set([before, after].flatMap(({ values, overrides }) => Object.keys({ ...values, ...overrides })))
  return [...names]
    .filter((name) => !isDeepStrictEqual(shelfOf(before, name), shelfOf(after, name)))
    .map((name) => {
      const until = runningOverride(after, name, at)?.until
      const [from, to] = [storedValue(before, name, at), storedValue(after, name, at)]
      return { name, from, to, ...(until !== undefined && { until }) }
    })
}

function shelfOf({ values, overrides }: StoredSettings, name: string) {
  return [values[name], overrides[name]]
}
