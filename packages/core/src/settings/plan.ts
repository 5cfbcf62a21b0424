import { isDeepStrictEqual } from 'node:util'
import { type FieldError, LatchkeyError } from '../errors.ts'
import { SETTING_NAMES, type SettingName, type SettingValues } from './registry.ts'
import type { StoredChange, StoredSettings } from './revision.ts'
import type { Settings } from './snapshot.ts'
import { endsAfter, overrideOf, storedChanges, withChanges } from './stored.ts'
import type { Newest } from './stored-revision.ts'
import type { WantedSettings } from './wanted.ts'

/** One setting that a save changes: the values in force before and after. */
export interface EffectiveChange {
  name: SettingName
  from: unknown
  to: unknown
  /** With a timed override: its end. */
  until?: Date
}

/** What a save comes to. */
export interface Plan {
  stored: StoredSettings
  /** In what is stored; empty when nothing would change. */
  changes: StoredChange[]
  /** In what is in force on this instance. */
  effective: EffectiveChange[]
  /** All that is in force on this instance before and after. */
  before: Readonly<SettingValues>
  after: Readonly<SettingValues>
}

/**
 * What a change would come to.
 *
 * @throws LatchkeyError `invalid_input` when it breaks a rule, at once or later when an override ends
 */
export function planChange(settings: Settings, newest: Newest, { values, forSeconds }: WantedSettings): Plan {
  const until = forSeconds === undefined ? undefined : new Date(newest.now.getTime() + forSeconds * 1000)
  // Nothing stands in an override's place while it runs: "the default for two hours" is a value, too.
  const wanted = new Map([...values].map(([name, value]) => [name, until ? (value ?? settings.defaults[name]) : value]))
  return checkedPlan(settings, newest, withChanges(newest.stored, wanted, until), [...wanted.keys()])
}

/**
 * What bringing back an earlier revision would come to: exactly what was in force here when it was new.
 *
 * @throws LatchkeyError `invalid_input` when it breaks a rule that was not there then
 */
export function planRollback(settings: Settings, newest: Newest, old: { stored: StoredSettings; at: Date }): Plan {
  return checkedPlan(settings, newest, restored(settings, newest.stored, old))
}

/** What a rollback would change of what is stored. */
export function restoredValues(plan: Plan, { stored, now }: Newest): Map<string, unknown> {
  return new Map(storedChanges(stored, plan.stored, now).map(({ name, to }) => [name, to]))
}

/**
 * The values of a revision and those of its overrides, as values. What this instance cannot judge (it is locked here, or
 * this version does not take it) is brought back as it is stored; what it did not put in force because of a rule is not.
 */
function restored(
  settings: Settings,
  newest: StoredSettings,
  { stored, at }: { stored: StoredSettings; at: Date },
): StoredSettings {
  const { values, sources, ignored, broken } = settings.resolve(stored, at)
  const ruled = new Set<string>(broken.flatMap(({ names }) => names).filter((name) => ignored.has(name)))
  const names = new Set([...Object.keys(stored.values), ...Object.keys(stored.overrides)])
  const broughtBack: Record<string, unknown> = {}
  for (const name of names) {
    const known = SETTING_NAMES.find((each) => each === name)
    const source = known && sources[known]
    if (known !== undefined && (source === 'override' || source === 'revision')) broughtBack[name] = values[known]
    else if (!ruled.has(name)) broughtBack[name] = overrideOf(stored, name)?.value ?? stored.values[name]
  }
  return { ...newest, values: broughtBack, overrides: {} }
}

/** @param named what somebody asked for: it must come in force, also where it is stored already and only left out here */
function checkedPlan(
  settings: Settings,
  { stored: before, now }: Newest,
  after: StoredSettings,
  named: SettingName[] = [],
): Plan {
  const changes = storedChanges(before, after, now)
  checkRules(settings, after, new Set([...named, ...changes.map(({ name }) => name)]), now)
  const [was, will] = [settings.resolve(before, now), settings.resolve(after, now)]
  const effective = SETTING_NAMES.flatMap((name) => {
    const change = changes.find((each) => each.name === name)
    if (change === undefined && isDeepStrictEqual(was.values[name], will.values[name])) return []
    const until = change?.until
    return { name, from: was.values[name], to: will.values[name], ...(until && { until: new Date(until) }) }
  })
  return { stored: after, changes, effective, before: was.values, after: will.values }
}

/** Judges what would be in force at once and after each end of an override: none of it may break a rule. */
function checkRules(settings: Settings, stored: StoredSettings, judged: Set<string>, now: Date): void {
  for (const at of [now, ...endsAfter(stored, now)]) {
    const later = at === now ? '' : ' So it would be once an override ends.'
    const faults = settings.resolve(stored, at).broken.flatMap(({ names, sentence }) =>
      names
        .filter((name) => judged.has(name))
        .map((name): FieldError => {
          return { path: ['changes', name], code: 'setting_rule_broken', message: `${sentence}${later}` }
        }),
    )
    if (faults.length > 0) throw new LatchkeyError('invalid_input', { fields: faults })
  }
}
