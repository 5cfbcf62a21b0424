import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { createRing, type Ring } from './ring.ts'
import type { SigningAlgorithm, SigningKey } from './signing-key.ts'

/** A signing key, as operators see it: nothing of its private part. */
export type SigningKeyView = Pick<SigningKey, 'id' | 'algorithm' | 'phase' | 'createdAt' | 'activatedAt' | 'retiredAt'>

const LIST = statement<SigningKeyView>(
  'signing-key.list',
  `select id, algorithm, phase, created_at as "createdAt", activated_at as "activatedAt", retired_at as "retiredAt"
     from signing_key order by created_at desc, id`,
)

/** All signing keys, the newest first. Needs no root secret. @throws LatchkeyError `unavailable` */
export async function listSigningKeys({ db }: Core): Promise<SigningKeyView[]> {
  return await db.many(LIST, [])
}

/**
 * A ring with the keys that are there: for whoever checks tokens beside the servers and must not make a key, as
 * `core.ring.load` would where the configured algorithm has none.
 *
 * @returns undefined while no key is active
 * @throws WrongRootSecretError; LatchkeyError `unavailable`
 */
export async function readRing(core: Core): Promise<Ring | undefined> {
  const algorithm = activeAlgorithm(await listSigningKeys(core))
  if (algorithm === undefined) return undefined
  const ring = createRing({ db: core.db, keys: core.keys, algorithm })
  await ring.load()
  return ring
}

const activeAlgorithm = (keys: SigningKeyView[]): SigningAlgorithm | undefined =>
  keys.find(({ phase }) => phase === 'active')?.algorithm
