import { type Actor, SYSTEM } from '../audit/origin.ts'
import { adminTransaction } from '../admins/transaction.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import { keysInForce } from '../crypto.ts'
import type { Runner } from '../database/database.ts'
import { lockInTransaction } from '../database/lock.ts'
import { LatchkeyError } from '../errors.ts'
import { makeKey } from './make.ts'
import { dueSteps, type KeyState, type KeyStep, NOTICE_SECONDS } from './plan.ts'
import { openKey, type RingKey } from './ring-key.ts'
import {
  activateKey,
  insertKey,
  KEYS_LOCK,
  noteLifetimes,
  notifyKeys,
  readStoredKeys,
  removeKey,
  retireKey,
  type StoredKeys,
} from './stored.ts'

/** Makes keys ahead of the lock, which nobody shall wait for: one for RSA takes up to a second. */
export interface KeySupply {
  /** A key that nobody else has. */
  take(algorithm: RingKey['algorithm']): Promise<RingKey>
}

/**
 * Looks at the keys, puts what is there in force on this instance, and does what is due: once per cluster, under a lock.
 *
 * @throws WrongRootSecretError
 * @throws LatchkeyError `unavailable`
 */
export async function tendKeys(core: Core): Promise<void> {
  const steps = stepsFor(core, await core.ring.load())
  if (steps.length === 0) return
  await changeKeys(core, { expected: steps, actor: SYSTEM }, async (transaction, supply) => {
    const stored = await readStoredKeys(transaction, core.clock)
    // With a wrong root secret this throws, and the transaction leaves no key behind that nobody else could open.
    for (const key of stored.keys) openKey(core, key)
    await takeSteps(transaction, core, { stored, steps: stepsFor(core, stored), supply, actor: SYSTEM })
  })
}

/** What is due on these keys. */
export function stepsFor(core: Core, { keys, now }: StoredKeys, options: Pick<KeyState, 'asked'> = {}): KeyStep[] {
  return dueSteps({ keys, now, settings: core.settings.current(), ...options })
}

/**
 * Changes the keys in one transaction under the lock of the cluster; afterwards this instance acts by it, and all others
 * are told.
 *
 * @param changing who does it, and what is to be done, as far as that is known before the lock is held: keys for it are
 * made ahead
 * @throws LatchkeyError what an admin may be refused with
 */
export async function changeKeys<T>(
  core: Core,
  { expected, actor }: { expected: KeyStep[]; actor: Actor },
  work: (transaction: Runner, supply: KeySupply) => Promise<T>,
): Promise<T> {
  const supply = await supplyFor(expected)
  const locked = async (transaction: Runner) => {
    await lockInTransaction(transaction, KEYS_LOCK)
    const done = await work(transaction, supply)
    await notifyKeys(transaction)
    return done
  }
  const result = await (actor.kind === 'system' ? core.db.transaction(locked) : adminTransaction(core, actor, locked))
  // It is done, whatever comes now: an instance that cannot look just yet does so by itself.
  await core.ring.load().catch((error: unknown) => {
    if (!core.ring.loaded() || !(error instanceof LatchkeyError)) throw error
    core.log.warn({ err: error }, 'the signing keys were changed, and cannot be looked at just now')
  })
  return result
}

/** What steps are taken on. */
export interface Steps {
  stored: StoredKeys
  steps: KeyStep[]
  supply: KeySupply
  actor: Actor
  reason?: string | undefined
}

/** Takes steps in the order in which they were planned, with an audit event for each that operators should know of. */
export async function takeSteps(transaction: Runner, core: Core, taking: Steps): Promise<void> {
  for (const step of taking.steps) await takeStep(transaction, core, step, taking)
}

async function takeStep(transaction: Runner, core: Core, step: KeyStep, taking: Steps): Promise<void> {
  const { now } = taking.stored
  switch (step.do) {
    case 'note':
      await noteLifetimes(transaction, step.lifetime, step.maxAge, new Date(now.getTime() - NOTICE_SECONDS * 1000))
      return
    case 'remove':
      await removeKey(transaction, step.id)
      return
    case 'activate':
      await activateKey(transaction, step.id, now)
      return
    case 'begin':
    case 'publish': {
      const key = await taking.supply.take(step.algorithm)
      const { ACCESS_TOKEN_LIFETIME: lifetimeMax, JWKS_MAX_AGE: maxAgeMax } = core.settings.current()
      const activatedAt = step.do === 'begin' ? now : null
      const keys = keysInForce(core, taking.stored.keys)
      await insertKey(transaction, keys, key, { createdAt: now, activatedAt, lifetimeMax, maxAgeMax })
      return
    }
    case 'switch': {
      const { from, to, at, because } = step
      await retireKey(transaction, from, at)
      await activateKey(transaction, to, at)
      const { actor, reason } = taking
      const details = { from, to, at: at.toISOString(), because, ...(reason !== undefined && { reason }) }
      await record(transaction, core, { name: 'signing_key.rotated', actor, details })
    }
  }
}

async function supplyFor(steps: KeyStep[]): Promise<KeySupply> {
  const made: RingKey[] = []
  for (const step of steps) if ('algorithm' in step) made.push(await makeKey(step.algorithm))
  return {
    async take(algorithm) {
      const place = made.findIndex((key) => key.algorithm === algorithm)
      // The settings may have changed while the lock was waited for.
      const [key] = place < 0 ? [] : made.splice(place, 1)
      return key ?? (await makeKey(algorithm))
    },
  }
}
