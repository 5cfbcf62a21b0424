import { REGISTRY, SETTING_NAMES, type SettingName, type SettingValues } from './registry.ts'
import { RULES } from './rules.ts'

/** Where a value in force comes from; an environment value is locked. */
export type SettingSource = 'environment' | 'default'

/** What this instance holds of the live settings. Reading costs nothing: no request waits for a setting. */
export interface Settings {
  /** The values in force. Read anew for each request; never keep it. */
  current(): Readonly<SettingValues>
  /** Where the value of a setting comes from. */
  source(name: SettingName): SettingSource
  /** The grace in force, in seconds. With a window as long as the refresh period a theft would never be seen. */
  graceSeconds(): number
  /** Takes new values; the environment's stay. */
  feed(values: Partial<SettingValues>): void
}

/** What {@link createSettings} starts from. */
export interface SettingsOptions {
  /** Whether the strict production defaults apply. */
  production: boolean
  /** Values fixed by the environment: already validated, and locked. */
  environment?: Partial<SettingValues>
}

/** The default of every setting, in the local set-up or in production. */
export function defaultSettings(production: boolean): SettingValues {
  const value = (name: SettingName) => {
    const { default: local, productionDefault } = REGISTRY[name]
    return production ? (productionDefault ?? local) : local
  }
  return Object.fromEntries(SETTING_NAMES.map((name) => [name, value(name)])) as unknown as SettingValues
}

/** The sentences of all rules that these values break. */
export function brokenRules(values: SettingValues): string[] {
  return RULES.filter((rule) => !rule.holds(values)).map((rule) => rule.sentence)
}

/** Holds the settings of this instance. */
export function createSettings({ production, environment = {} }: SettingsOptions): Settings {
  const defaults = defaultSettings(production)
  let values: Readonly<SettingValues> = { ...defaults, ...environment }
  return {
    current: () => values,
    source: (name) => (environment[name] === undefined ? 'default' : 'environment'),
    graceSeconds: () => Math.min(values.REFRESH_GRACE, values.ACCESS_TOKEN_LIFETIME / 3),
    feed(fed) {
      values = { ...defaults, ...fed, ...environment }
    },
  }
}
