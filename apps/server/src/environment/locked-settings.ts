import {
  allowedFor,
  brokenRules,
  defaultSettings,
  parseSettingText,
  REGISTRY,
  SETTING_NAMES,
  type SettingName,
  type SettingValue,
  type SettingValues,
} from '@latchkey/core'

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
    const value = REGISTRY[name].schema.safeParse(parseSettingText(name, text))
    if (value.success) locked.push([name, value.data])
    else faults.push(`${lockOf(name)} is ${JSON.stringify(text)}. Allowed: ${allowedFor(name)}.`)
  }
  // Each value went through the schema of its own name.
  const settings = Object.fromEntries(locked) as Partial<SettingValues>
  return { settings, faults: [...faults, ...brokenRules({ ...defaultSettings(production), ...settings })] }
}
