import { isSettingName, REGISTRY, SETTING_NAMES, type SettingName, type SettingValues } from './registry.ts'
import type { StoredSettings } from './revision.ts'
import { RULES, type SettingRule } from './rules.ts'
import { endsAfter, runningOverride } from './stored.ts'
import { allowedFor } from './text.ts'

/** Where a value in force comes from, the strongest first; an environment value is locked. */
export type SettingSource = 'environment' | 'override' | 'revision' | 'default'

/** What an instance cannot be told by a revision. */
export interface Fixed {
  defaults: Readonly<SettingValues>
  /** Already validated, together with the defaults. */
  environment: Readonly<Partial<SettingValues>>
}

/** What is in force on an instance at a time. */
export interface Resolved {
  values: Readonly<SettingValues>
  sources: Record<SettingName, SettingSource>
  /** Why values that are stored are not in force, by name. */
  ignored: Map<string, string>
  /** The rules that those values would break. */
  broken: SettingRule[]
  /** Until when this holds: the next end of an override. */
  until: Date | undefined
}

/** A value that is stored for a setting and that this version takes. */
interface Layer {
  source: 'override' | 'revision'
  value: unknown
}

/**
 * Works out what is in force: environment before override before revision before default. No state of the database makes
 * this fail, or gives values that break a rule: a value that this version does not take is left out, and where stored
 * values break a rule together with this environment, those of the rule's settings are left out, overrides first.
 */
export function resolveSettings({ defaults, environment }: Fixed, stored: StoredSettings, at: Date): Resolved {
  const ignored = new Map<string, string>()
  const broken: SettingRule[] = []
  const layers = new Map<SettingName, Layer[]>()
  for (const name of SETTING_NAMES) {
    if (environment[name] === undefined) layers.set(name, layersOf(stored, name, at, ignored))
  }
  const top = (name: SettingName) => layers.get(name)?.[0]
  // Each value went through the schema of its own name.
  const compose = () =>
    Object.fromEntries(
      SETTING_NAMES.map((name) => [name, environment[name] ?? (top(name) ?? { value: defaults[name] }).value]),
    ) as unknown as SettingValues

  let values = compose()
  const next = () => RULES.find((rule) => !rule.holds(values) && rule.names.some(top))
  for (let rule = next(); rule !== undefined; rule = next()) {
    broken.push(rule)
    const overridden = rule.names.filter((name) => top(name)?.source === 'override')
    for (const name of overridden.length > 0 ? overridden : rule.names) {
      if (layers.get(name)?.shift() !== undefined) ignored.set(name, rule.sentence)
    }
    values = compose()
  }

  const sourceOf = (name: SettingName) =>
    environment[name] === undefined ? (top(name)?.source ?? 'default') : 'environment'
  const sources = Object.fromEntries(SETTING_NAMES.map((name) => [name, sourceOf(name)])) as Resolved['sources']
  return { values, sources, ignored, broken, until: endsAfter(stored, at)[0] }
}

/** The names that are stored and that no setting of this version has. */
export function unknownSettings({ values, overrides }: StoredSettings): string[] {
  return Object.keys({ ...values, ...overrides }).filter((name) => !isSettingName(name))
}

function layersOf(stored: StoredSettings, name: SettingName, at: Date, ignored: Map<string, string>): Layer[] {
  const override = runningOverride(stored, name, at)
  const found: Layer[] = [
    ...(override === undefined ? [] : [{ source: 'override' as const, value: override.value }]),
    ...(Object.hasOwn(stored.values, name) ? [{ source: 'revision' as const, value: stored.values[name] }] : []),
  ]
  return found.filter(({ value }) => {
    const taken = REGISTRY[name].schema.safeParse(value).success
    if (!taken) ignored.set(name, `This version takes ${allowedFor(name)}.`)
    return taken
  })
}
