import type { Actor } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { LatchkeyError } from '../errors.ts'
import { ALGORITHMS } from './algorithms.ts'
import { endOf, type KeyStep, pendingKey, signingKey } from './plan.ts'
import { openKey } from './ring-key.ts'
import { readStoredKeys, type StoredKey, type StoredKeys } from './stored.ts'
import { changeKeys, stepsFor, takeSteps } from './tend.ts'

/** What a rotation does, and when. */
export interface Rotation {
  /** The key that signs until then. */
  from: string
  /** The one that takes over. */
  to: string
  /** The moment, the same on every instance. */
  at: Date
  /** Until when tokens of the old key are accepted, and its public part is published. */
  publishedUntil: Date
  /** Whether the switch was decided before. Then nothing was changed. */
  decidedBefore: boolean
}

/** How {@link rotateKeys} goes about it. */
export interface RotateOptions {
  actor: Actor
  /** For the audit. */
  reason?: string | undefined
  /** Do everything, and take it back before anybody sees it. */
  rehearse?: boolean
}

/** Ends a transaction whose work was only tried. */
class Rehearsed extends Error {
  readonly rotation: Rotation

  constructor(rotation: Rotation) {
    super('rehearsed')
    this.rotation = rotation
  }
}

/**
 * Has the next key take over as soon as everybody who keeps to `Cache-Control` knows it: five seconds from now, or
 * `JWKS_MAX_AGE` after it was published. Nobody is logged out. Of those who ask at once, and of a schedule that is due, one
 * decides, and all get the same answer.
 *
 * @throws LatchkeyError `unavailable`, and what an admin may be refused with
 */
export async function rotateKeys(core: Core, { actor, reason, rehearse = false }: RotateOptions): Promise<Rotation> {
  const expected = stepsFor(core, await core.ring.load(), { asked: true })
  try {
    return await changeKeys(core, { expected, actor }, async (transaction, supply) => {
      const take = async (stored: StoredKeys, steps: KeyStep[]) =>
        await takeSteps(transaction, core, { stored, steps, supply, actor, reason })
      // What is due anyway comes first: after it there is a next key.
      const found = await readStoredKeys(transaction, core.clock)
      await take(found, stepsFor(core, found))
      const decidedBefore = pendingKey(found.keys, found.now) !== undefined
      const stored = await readStoredKeys(transaction, core.clock)
      if (pendingKey(stored.keys, stored.now) === undefined) await take(stored, stepsFor(core, stored, { asked: true }))
      const after = await readStoredKeys(transaction, core.clock)
      for (const key of after.keys) proveKey(core, key)
      const rotation = { ...rotationOf(core, after), decidedBefore }
      if (rehearse) throw new Rehearsed(rotation)
      return rotation
    })
  } catch (error) {
    if (error instanceof Rehearsed) return error.rotation
    throw error
  }
}

function rotationOf({ settings }: Core, { keys, now }: StoredKeys): Omit<Rotation, 'decidedBefore'> {
  const [from, to] = [signingKey(keys, now), pendingKey(keys, now)]
  if (from === undefined || to?.activatedAt == null) throw new LatchkeyError('unavailable')
  return { from: from.id, to: to.id, at: to.activatedAt, publishedUntil: endOf(from, settings.current()) }
}

/** That it opens, signs, and is right about it: better known now than at the switch. */
function proveKey(core: Core, row: StoredKey): void {
  const { algorithm, privateKey, publicKey } = openKey(core, row)
  const data = Buffer.from(row.id)
  const by = ALGORITHMS[algorithm]
  if (!by.verify(publicKey, data, by.sign(privateKey, data)))
    throw new Error(`signing key ${row.id} cannot check what it signs`)
}
