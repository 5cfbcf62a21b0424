import { type Clock, systemClock } from '../clock.ts'
import { type Log, silentLog } from '../log.ts'
import { createDatabaseTime } from './database-time.ts'
import { REGISTRY, SETTING_NAMES, type SettingName, type SettingValues } from './registry.ts'
import { type Fixed, type Resolved, resolveSettings, type SettingSource, unknownSettings } from './resolve.ts'
import { isSameRevision, type RevisionId, type StoredSettings } from './revision.ts'
import { RULES } from './rules.ts'
import { endedOverrides, endsAfter, NOTHING_STORED, overrideOf } from './stored.ts'

/** A revision that was read from the database, or saved there. */
export interface SeenRevision extends RevisionId {
  stored: StoredSettings
  /** `performance.now()` before the database was asked. */
  askedAt: number
}

/** What this instance holds of the live settings. Reading costs nothing: no request waits for a setting. */
export interface Settings extends Fixed {
  /** The values in force. Read anew for each request; never keep it. */
  current(): Readonly<SettingValues>
  /** Where the value of a setting comes from. */
  source(name: SettingName): SettingSource
  /** The grace in force, in seconds. With a window as long as the refresh period a theft would never be seen. */
  graceSeconds(): number
  /** The revision in force; 0 before the first. */
  revision(): number
  /** The same, told from another one that has taken its number. */
  revisionId(): RevisionId
  /** When the override that is in force for a setting ends. */
  overrideUntil(name: SettingName): Date | undefined
  /** Why a value that is stored for a setting is not in force. */
  ignored(name: SettingName): string | undefined
  /** When the next override ends. */
  nextOverrideEnd(): Date | undefined
  /** Whether the end of an override is still to be written down. Its value is no longer in force. */
  overridesDue(): boolean
  /** What would be in force here with other stored values. */
  resolve(stored: StoredSettings, at: Date): Resolved
  /** The database's time. */
  now(): Date
  /** Takes note of the database's time; see `database-time.ts`. */
  observe(told: Date, askedAt: number): void
  /** Puts a revision in force, unless it or a newer one is. */
  apply(revision: SeenRevision): void
  /** Calls whenever another revision has come in force. Call what it returns to be told no more. */
  onApplied(listener: (revision: number) => void): () => void
}

/** The revision in force here. */
interface Held extends RevisionId {
  stored: StoredSettings
  /** `performance.now()` */
  since: number
}

/** What {@link createSettings} starts from. */
export interface SettingsOptions {
  /** Whether the strict production defaults apply. */
  production: boolean
  /** Values fixed by the environment: already validated, and locked. */
  environment?: Partial<SettingValues>
  clock?: Clock
  log?: Log
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

/** The grace in force with these values, in seconds. */
export function graceOf({ REFRESH_GRACE, ACCESS_TOKEN_LIFETIME }: Readonly<SettingValues>): number {
  return Math.min(REFRESH_GRACE, ACCESS_TOKEN_LIFETIME / 3)
}

/** Holds the settings of this instance: those of its environment and the defaults, until a revision is applied. */
export function createSettings(options: SettingsOptions): Settings {
  const { environment = {}, clock = systemClock, log = silentLog } = options
  const defaults = defaultSettings(options.production)
  const fixed = { defaults, environment }
  const time = createDatabaseTime(clock)
  const listeners = new Set<(revision: number) => void>()
  const warnOnce = createWarnings(log)
  let held: Held = { number: 0, at: null, stored: NOTHING_STORED, since: Number.NEGATIVE_INFINITY }
  let resolved = resolveSettings(fixed, held.stored, time.now())

  /** An override is over at its moment, whether or not anybody has looked or could write it down. */
  const inForce = () => {
    if (resolved.until !== undefined && resolved.until <= time.now()) {
      resolved = resolveSettings(fixed, held.stored, time.now())
    }
    return resolved
  }

  return {
    defaults,
    environment,
    current: () => inForce().values,
    source: (name) => inForce().sources[name],
    graceSeconds: () => graceOf(inForce().values),
    revision: () => held.number,
    revisionId: () => ({ number: held.number, at: held.at }),
    overrideUntil(name) {
      const until = inForce().sources[name] === 'override' ? overrideOf(held.stored, name)?.until : undefined
      return until === undefined ? undefined : new Date(until)
    },
    ignored: (name) => inForce().ignored.get(name),
    nextOverrideEnd: () => endsAfter(held.stored, time.now())[0],
    overridesDue: () => endedOverrides(held.stored, time.now()).length > 0,
    resolve: (stored, at) => resolveSettings(fixed, stored, at),
    now: () => time.now(),
    observe: (told, askedAt) => time.observe(told, askedAt),
    apply({ number, at, stored, askedAt }) {
      if (isSameRevision(held, { number, at })) return
      // Numbers go down, or are used again, only where a database was restored or a failover lost some. An answer that
      // was under way when the newer revision came says nothing of the kind.
      if (number <= held.number && askedAt <= held.since) return
      held = { number, at, stored, since: performance.now() }
      resolved = resolveSettings(fixed, stored, time.now())
      warnOnce(resolved, stored)
      for (const listener of listeners) listener(number)
    },
    onApplied(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Warns of each stored value that is not in force once, not at each revision that still has it. */
function createWarnings(log: Log) {
  const told = new Set<string>()
  const warn = (setting: string, message: string) => {
    if (told.has(`${setting} ${message}`)) return
    told.add(`${setting} ${message}`)
    log.warn({ setting }, message)
  }
  return ({ ignored }: Resolved, stored: StoredSettings) => {
    for (const name of unknownSettings(stored)) warn(name, 'this version does not know a setting that is stored')
    for (const [name, why] of ignored) warn(name, `a stored setting is not in force on this instance: ${why}`)
  }
}
