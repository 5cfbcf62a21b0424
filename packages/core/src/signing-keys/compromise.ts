import type { Actor } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { RETRY_SECONDS } from '../sessions/swap.ts'
import { oldestWaiting, pendingKey, type PlannedKey, signingKey } from './plan.ts'
import { type KeyPhase, phaseAt, type SigningAlgorithm } from './signing-key.ts'
import { activateKey, letKeyGoOn, readStoredKeys, removeKey, type StoredKeys } from './stored.ts'
import { changeKeys, stepsFor, takeSteps } from './tend.ts'

/** What stopping a key has ended. */
export interface Compromise {
  id: string
  algorithm: SigningAlgorithm
  /** What the key was until then. */
  phase: KeyPhase
  /** The key that signs from now on. */
  signing: string
  /**
   * Live sessions that may hold an access token of the key: it is refused, and their clients refresh. Null where there are
   * too many to count within two seconds.
   */
  sessions: number | null
  /** Until when services elsewhere may believe tokens of the key: their copy of the JWKS runs out then. */
  believedElsewhereUntil: Date
}

const COUNT_HOLDERS = statement<{ holders: number }>(
  'signing-key.count-holders',
  `select count(*) as holders from session
    where ended_at is null and rotated_at >= $1::timestamptz and rotated_at < coalesce($2::timestamptz, 'infinity')`,
)

/**
 * Stops a key at once: every instance refuses its tokens as soon as it hears of it, within milliseconds. Where it is the
 * one that signs, the next one signs from now on: it was published long ago, so that nobody meets a key that is new.
 * No session ends: refresh tokens do not depend on signing keys.
 *
 * @throws LatchkeyError `not_found` when there is no such key; `unavailable`; what an admin may be refused with
 */
export async function compromiseKey(
  core: Core,
  id: string,
  { actor, reason }: { actor: Actor; reason?: string | undefined },
): Promise<Compromise> {
  const stored = await core.ring.load()
  const expected = stepsFor(core, { ...stored, keys: stored.keys.filter((key) => key.id !== id) })
  const { key, signing, now } = await changeKeys(core, { expected, actor }, async (transaction, supply) => {
    const before = await readStoredKeys(transaction, core.clock)
    const compromised = before.keys.find((each) => each.id === id)
    if (compromised === undefined) throw new LatchkeyError('not_found')
    const phase = phaseAt(compromised, before.now)
    await removeKey(transaction, id)
    if (phase === 'active') await letNextSign(transaction, before, id)
    // It was to take over: the one that signs does so until another turn is decided.
    if (phase === 'next' && compromised.activatedAt !== null) await letKeyGoOn(transaction, before.now)
    const left = await readStoredKeys(transaction, core.clock)
    await takeSteps(transaction, core, { stored: left, steps: stepsFor(core, left), supply, actor })
    const after = await readStoredKeys(transaction, core.clock)
    const successor = signingKey(after.keys, after.now)
    if (successor === undefined) throw new LatchkeyError('unavailable')
    const details = { id, phase, signing: successor.id, ...(reason !== undefined && { reason }) }
    await record(transaction, core, { name: 'signing_key.compromised', actor, details })
    return { key: { ...compromised, phase }, signing: successor.id, now: after.now }
  })
  const { algorithm, phase } = key
  const maxAge = Math.max(key.maxAgeMax, core.settings.current().JWKS_MAX_AGE)
  const believedElsewhereUntil = new Date(now.getTime() + maxAge * 1000)
  return { id, algorithm, phase, signing, sessions: await countHolders(core, key, now), believedElsewhereUntil }
}

/** The one whose turn is decided, else the one that waits; where there is none, a new one is made by what is due then. */
async function letNextSign(transaction: Runner, { keys, now }: StoredKeys, id: string) {
  const next = pendingKey(keys, now) ?? oldestWaiting(keys.filter((key) => key.id !== id))
  if (next !== undefined) await activateKey(transaction, next.id, now)
}

/** After the key was stopped, which shall not wait for it. */
async function countHolders({ db }: Core, key: PlannedKey, now: Date): Promise<number | null> {
  if (key.activatedAt === null) return 0
  // A token may have come with a rotation of before: by a retry of the same exchange.
  const earliest = new Date(
    Math.max(key.activatedAt.getTime(), now.getTime() - key.lifetimeMax * 1000) - RETRY_SECONDS * 1000,
  )
  try {
    return (await db.one(COUNT_HOLDERS, [earliest, key.retiredAt]))?.holders ?? null
  } catch (error) {
    // The key is stopped: who asks shall hear so, whatever else fails.
    if (error instanceof LatchkeyError) return null
    throw error
  }
}
