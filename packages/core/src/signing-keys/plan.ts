import type { SettingValues } from '../settings/registry.ts'
import { type KeyTimes, phaseAt, type SigningAlgorithm, type SigningKey } from './signing-key.ts'

/**
 * Seconds from the moment at which a change is written down to that at which every instance acts by it. They hear of it
 * within milliseconds, or look by themselves every three seconds.
 */
export const NOTICE_SECONDS = 5

/** What a plan has to know of a key. */
export type PlannedKey = Pick<SigningKey, 'id' | 'algorithm' | 'createdAt' | 'lifetimeMax' | 'maxAgeMax'> & KeyTimes

/** The settings that the lengths of the phases follow from. */
export type KeySettings = Pick<
  SettingValues,
  'SIGNING_ALGORITHM' | 'KEY_ROTATION_INTERVAL' | 'ACCESS_TOKEN_LIFETIME' | 'JWKS_MAX_AGE' | 'CLOCK_SKEW'
>

/** One change that is due, in the order in which they are made. */
export type KeyStep =
  /** The lifetimes in force are longer than the keys know. */
  | { do: 'note'; lifetime: number; maxAge: number }
  /** Its last token has ended; or it never signed, and another algorithm is wanted. */
  | { do: 'remove'; id: string }
  /** There is no key at all: nobody has a JWKS, so one can sign at once. */
  | { do: 'begin'; algorithm: SigningAlgorithm }
  /** No key signs, but one waits: it signs at once, for it is known best. */
  | { do: 'activate'; id: string }
  /** `to` takes over from `from` at a moment to come. */
  | { do: 'switch'; from: string; to: string; at: Date; because: 'interval' | 'algorithm' | 'asked' }
  /** A key is published ahead. */
  | { do: 'publish'; algorithm: SigningAlgorithm }

/** Keys and settings at one moment of the database's time. */
export interface KeyState {
  keys: PlannedKey[]
  settings: KeySettings
  now: Date
  /** Whether somebody wants the next key to take over as soon as it may, whatever the interval. */
  asked?: boolean
}

/**
 * What is due. The phases follow from what verifiers do that keep to the letter of `Cache-Control`:
 *
 * - a key signs once every JWKS without it has run out, `JWKS_MAX_AGE` and a notice after it was published;
 * - it is published until the last of its tokens has run out for the slowest clock: its longest lifetime, the clock
 *   skew and a notice after it has signed for the last time.
 *
 * A next key is published ahead at all times, so that one that is compromised can be replaced at once by one that
 * everybody knows already.
 */
export function dueSteps(state: KeyState): KeyStep[] {
  const { keys, settings, now } = state
  const { SIGNING_ALGORITHM: algorithm } = settings
  const steps: KeyStep[] = noteOf(state)
  const gone = keys.filter((key) => key.retiredAt !== null && endOf(key, settings) <= now)
  steps.push(...gone.map(({ id }): KeyStep => ({ do: 'remove', id })))

  const signing = signingKey(keys, now)
  const decided = pendingKey(keys, now)
  if (signing === undefined) return [...steps, ...firstSteps(state, decided)]
  const standby = keys.filter(({ activatedAt }) => activatedAt === null)
  const next = standby.find((key) => key.algorithm === algorithm)
  // One of another algorithm stays until everybody knows its successor: until then only it can replace one that is
  // compromised. And instances whose environments name two algorithms do not replace each other's as fast as they can.
  if (next !== undefined && knownFrom(next, signing, settings) <= now) {
    steps.push(...standby.filter((key) => key !== next).map(({ id }): KeyStep => ({ do: 'remove', id })))
  }

  const because = decided === undefined ? reasonToSwitch(state, signing) : undefined
  const step = next !== undefined && because !== undefined ? switchStep(state, { signing, next, because }) : undefined
  if (step !== undefined) steps.push(step)
  if (next === undefined || step !== undefined) steps.push({ do: 'publish', algorithm })
  return steps
}

/** What is due while no key signs. One whose turn is decided is waited for: the clock of the database was set back. */
function firstSteps({ keys, settings }: KeyState, decided: PlannedKey | undefined): KeyStep[] {
  if (decided !== undefined) return []
  const { SIGNING_ALGORITHM: algorithm } = settings
  const oldest = oldestWaiting(keys)
  const first: KeyStep = oldest === undefined ? { do: 'begin', algorithm } : { do: 'activate', id: oldest.id }
  return [first, { do: 'publish', algorithm }]
}

/** Of the keys that wait, the one that was published first: most of the others know it. */
export function oldestWaiting<Key extends PlannedKey>(keys: Key[]): Key | undefined {
  const waiting = keys.filter(({ activatedAt }) => activatedAt === null)
  return waiting.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime())[0]
}

/** The key that signs at a moment. */
export function signingKey<Key extends PlannedKey>(keys: Key[], at: Date): Key | undefined {
  return keys.find((key) => phaseAt(key, at) === 'active')
}

/** The key that is to take over at a moment that is decided. */
export function pendingKey<Key extends PlannedKey>(keys: Key[], now: Date): Key | undefined {
  return keys.find(({ activatedAt }) => activatedAt !== null && activatedAt > now)
}

/** When a key that signs no more can be forgotten: the last of its tokens has run out, for the slowest clock too. */
export function endOf({ retiredAt, lifetimeMax }: PlannedKey, { CLOCK_SKEW }: KeySettings): Date {
  return retiredAt === null ? NEVER : after(retiredAt, lifetimeMax + CLOCK_SKEW + NOTICE_SECONDS)
}

/** From when on everybody has seen a key that was published. */
export function knownFrom({ createdAt, maxAgeMax }: PlannedKey, before: PlannedKey, settings: KeySettings): Date {
  return after(createdAt, Math.max(maxAgeMax, before.maxAgeMax, settings.JWKS_MAX_AGE) + NOTICE_SECONDS)
}

/** When the key that signs hands over by itself. */
export function dueAt({ activatedAt, createdAt }: PlannedKey, { KEY_ROTATION_INTERVAL }: KeySettings): Date {
  return after(activatedAt ?? createdAt, KEY_ROTATION_INTERVAL)
}

function noteOf({ keys, settings: { ACCESS_TOKEN_LIFETIME: lifetime, JWKS_MAX_AGE: maxAge }, now }: KeyState) {
  const unaware = keys.some((key) => signedLately(key, now) && (key.lifetimeMax < lifetime || key.maxAgeMax < maxAge))
  return unaware ? [{ do: 'note', lifetime, maxAge } as const] : []
}

/** Whether it signs, or will, or did when an instance that has not noted yet may have signed by the settings of now. */
const signedLately = ({ retiredAt }: PlannedKey, now: Date) =>
  retiredAt === null || after(retiredAt, NOTICE_SECONDS) > now

function reasonToSwitch({ settings, now, asked }: KeyState, signing: PlannedKey) {
  if (asked === true) return 'asked'
  if (signing.algorithm !== settings.SIGNING_ALGORITHM) return 'algorithm'
  return dueAt(signing, settings) <= now ? 'interval' : undefined
}

/** Decided only once its moment is near, but for somebody who asks: until then the settings may change again. */
function switchStep(
  { settings, now }: KeyState,
  { signing, next, because }: { signing: PlannedKey; next: PlannedKey; because: 'interval' | 'algorithm' | 'asked' },
): KeyStep | undefined {
  const soonest = after(now, NOTICE_SECONDS)
  const known = knownFrom(next, signing, settings)
  if (known > soonest && because !== 'asked') return undefined
  return { do: 'switch', from: signing.id, to: next.id, at: known > soonest ? known : soonest, because }
}

/** The last moment that a `Date` can hold. */
const NEVER = new Date(8.64e15)

const after = (time: Date, seconds: number): Date => new Date(time.getTime() + seconds * 1000)
