import { type FieldError, LatchkeyError } from '../errors.ts'
import { isSettingName, REGISTRY, type SettingName } from './registry.ts'
import type { Settings } from './snapshot.ts'
import { allowedFor, parseSettingText } from './text.ts'

/** Seconds; nobody means an override that lasts longer. */
const OVERRIDE_MAX = 3650 * 86_400
/** Characters, as people count them: code points. */
export const REASON_MAX_LENGTH = 500
const NAME_SHOWN_LENGTH = 60

/** What somebody wants to be changed in one revision. */
export interface SettingsInput {
  /** By name: a JSON value, or text as a person writes it ("15m"); null brings the default back. */
  changes: Record<string, unknown>
  /** The revision that the change was made on. */
  base?: number
  /** Why, for the history. */
  reason?: string
  /** Makes it a timed override: after so many seconds the values before are in force again, by themselves. */
  forSeconds?: number
}

/** {@link SettingsInput}, checked: values as JSON, null for the default. */
export interface WantedSettings {
  values: Map<SettingName, unknown>
  forSeconds: number | undefined
}

/**
 * Checks a change by itself: whether there are such settings, whether they can be changed here and take these values.
 *
 * @throws LatchkeyError `invalid_input`, naming every fault
 */
export function parseSettings(settings: Settings, { changes, reason, forSeconds }: SettingsInput): WantedSettings {
  const faults: FieldError[] = [...reasonFaults(reason), ...durationFaults(forSeconds)]
  const values = new Map<SettingName, unknown>()
  for (const [name, given] of Object.entries(changes)) {
    const wanted = isSettingName(name) ? readValue(settings, name, given) : unknownSetting(name)
    if ('fault' in wanted) faults.push({ path: ['changes', name], ...wanted.fault })
    else if (isSettingName(name)) values.set(name, wanted.value)
  }
  if (Object.keys(changes).length === 0) {
    faults.push({ path: ['changes'], code: 'changes_empty', message: 'There is nothing to change.' })
  }
  if (faults.length > 0) throw new LatchkeyError('invalid_input', { fields: faults })
  return { values, forSeconds }
}

/** @throws LatchkeyError `invalid_input` */
export function checkReason(reason: string | undefined): void {
  const fields = reasonFaults(reason)
  if (fields.length > 0) throw new LatchkeyError('invalid_input', { fields })
}

type Read = { value: unknown } | { fault: { code: string; message: string } }

function unknownSetting(name: string): Read {
  const shown = name.length > NAME_SHOWN_LENGTH ? `${name.slice(0, NAME_SHOWN_LENGTH)}…` : name
  return { fault: { code: 'setting_unknown', message: `There is no setting ${JSON.stringify(shown)}.` } }
}

function readValue(settings: Settings, name: SettingName, given: unknown): Read {
  if (settings.environment[name] !== undefined) {
    const message = `${name} is fixed by the environment of this instance (LATCHKEY_${name}).`
    return { fault: { code: 'setting_locked', message } }
  }
  if (given === null) return { value: null }
  const { data, success } = REGISTRY[name].schema.safeParse(
    typeof given === 'string' ? parseSettingText(name, given) : given,
  )
  if (success) return { value: data }
  return { fault: { code: 'setting_invalid', message: `${name} takes ${allowedFor(name)}.` } }
}

function reasonFaults(reason = ''): FieldError[] {
  const path = ['reason']
  if (!reason.isWellFormed() || reason.includes('\0')) {
    return [{ path, code: 'reason_malformed', message: 'The reason holds half a character, or a zero one.' }]
  }
  if (Array.from(reason).length <= REASON_MAX_LENGTH) return []
  return [{ path, code: 'reason_too_long', message: `The reason may have at most ${REASON_MAX_LENGTH} characters.` }]
}

function durationFaults(forSeconds: number | undefined): FieldError[] {
  if (forSeconds === undefined) return []
  if (Number.isInteger(forSeconds) && forSeconds >= 1 && forSeconds <= OVERRIDE_MAX) return []
  return [{ path: ['for'], code: 'for_invalid', message: 'An override lasts from 1s to 3650d.' }]
}
