import type { Core } from '../core.ts'
import { REGISTRY, SETTING_NAMES, type SettingName, type SettingValue } from './registry.ts'
import type { SettingSource } from './resolve.ts'
import type { Unit } from './setting.ts'
import type { Settings } from './snapshot.ts'
import { allowedFor, boundsOf, settingText } from './text.ts'

/** A setting, its value in force here, and all that people need to know of it. */
export interface SettingView {
  name: SettingName
  value: SettingValue
  /** The value for people; what is written so is read back as the same. */
  text: string
  source: SettingSource
  /** Whether the environment fixes it, so that no revision changes it here. */
  locked: boolean
  default: SettingValue
  defaultText: string
  allowed: string
  unit?: Unit
  group: string
  help: string
  min?: number
  max?: number
  /** When the override in force ends by itself. */
  until?: Date
  /** Why a value that was saved is not in force. */
  ignored?: string
}

/** All settings at one revision. */
export interface SettingsView {
  /** The revision in force here; 0 before the first. */
  revision: number
  settings: SettingView[]
  /** The grace in force. */
  graceSeconds: number
}

/** Every setting, from what this instance holds in memory: no query. */
export function listSettings({ settings }: Core): SettingsView {
  return {
    revision: settings.revision(),
    settings: SETTING_NAMES.map((name) => viewOf(settings, name)),
    graceSeconds: settings.graceSeconds(),
  }
}

function viewOf(settings: Settings, name: SettingName): SettingView {
  const { group, help, unit } = REGISTRY[name]
  const [value, usual] = [settings.current()[name], settings.defaults[name]]
  const source = settings.source(name)
  const [until, ignored] = [settings.overrideUntil(name), settings.ignored(name)]
  return {
    name,
    value,
    text: settingText(name, value),
    source,
    locked: source === 'environment',
    default: usual,
    defaultText: settingText(name, usual),
    allowed: allowedFor(name),
    ...(unit !== undefined && { unit }),
    group,
    help,
    ...boundsOf(name),
    ...(until !== undefined && { until }),
    ...(ignored !== undefined && { ignored }),
  }
}
