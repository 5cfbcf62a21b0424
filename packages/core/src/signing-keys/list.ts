import type { Core } from '../core.ts'
import { dueAt, endOf, type KeySettings, knownFrom, signingKey } from './plan.ts'
import { createRing, type Ring } from './ring.ts'
import { type KeyPhase, phaseAt, type SigningKey } from './signing-key.ts'
import { readStoredKeys, type StoredKey, type StoredKeys } from './stored.ts'

/** A signing key, as operators see it: nothing of its private part. */
export interface SigningKeyView extends Pick<SigningKey, 'id' | 'algorithm' | 'createdAt'> {
  phase: KeyPhase
  /** From when on it signs, has signed, or is expected to; null for one that waits while another algorithm is wanted. */
  signsFrom: Date | null
  /** Until when it signs, as far as that is known: what is ahead may still change with the settings. */
  signsUntil: Date | null
  /** Until when it is published and its tokens are accepted; null while it is not known when it signs for the last time. */
  publishedUntil: Date | null
  /** Whether the switch to it, or away from it, is decided. */
  decided: boolean
  /** Whether it is sealed under another root secret than that of now. */
  sealedUnderPrevious: boolean
}

/** All signing keys, the newest first. Needs no root secret. @throws LatchkeyError `unavailable` */
export async function listSigningKeys(core: Core): Promise<SigningKeyView[]> {
  const stored = await readStoredKeys(core.db, core.clock)
  return stored.keys.map((key) => viewOf(key, stored, core))
}

function viewOf(key: StoredKey, { keys, now }: StoredKeys, core: Core): SigningKeyView {
  const settings = core.settings.current()
  const { id, algorithm, createdAt, activatedAt, retiredAt, keyId } = key
  const phase = phaseAt(key, now)
  const switchAt = switchOf({ keys, now }, settings)
  const signsUntil = phase === 'active' ? (retiredAt ?? switchAt) : retiredAt
  return {
    id,
    algorithm,
    createdAt,
    phase,
    signsFrom: activatedAt ?? switchAt,
    signsUntil,
    publishedUntil: signsUntil === null ? null : endOf({ ...key, retiredAt: signsUntil }, settings),
    decided: phase === 'active' ? retiredAt !== null : activatedAt !== null,
    sealedUnderPrevious: keyId !== core.keys.id,
  }
}

/** When the key that signs is expected to hand over, where that is not decided; null where nothing waits. */
function switchOf({ keys, now }: StoredKeys, settings: KeySettings): Date | null {
  const signing = signingKey(keys, now)
  const next = keys.find(({ activatedAt }) => activatedAt === null)
  if (signing === undefined || next === undefined || signing.retiredAt !== null) return null
  const known = knownFrom(next, signing, settings)
  const due = signing.algorithm === settings.SIGNING_ALGORITHM ? dueAt(signing, settings) : now
  return due > known ? due : known
}

/**
 * A ring with the keys that are there: for whoever checks tokens beside the servers, and must not do what is due.
 *
 * @returns undefined while there is no key that signs
 * @throws WrongRootSecretError; LatchkeyError `unavailable`
 */
export async function readRing(core: Core): Promise<Ring | undefined> {
  const ring = createRing(core)
  await ring.load()
  return ring.loaded() ? ring : undefined
}
