import type { DerivedKeys } from '../crypto.ts'
import type { Database, Runner } from '../database/database.ts'
import { lockInTransaction } from '../database/lock.ts'
import { statement } from '../database/statement.ts'
import { publicJwk } from './jwks.ts'
import { makeActiveKey } from './make.ts'
import { openKey, type RingKey, type SealedKey, sealKey } from './ring-key.ts'
import type { SigningAlgorithm } from './signing-key.ts'

const READ = statement<SealedKey>(
  'signing-key.read',
  'select id, algorithm, phase, sealed from signing_key order by created_at desc, id',
)

const RETIRE_ACTIVE = statement(
  'signing-key.retire-active',
  `update signing_key set phase = 'retiring', retired_at = now() where phase = 'active'`,
)

const REACTIVATE = statement(
  'signing-key.reactivate',
  `update signing_key set phase = 'active', activated_at = now(), retired_at = null where id = $1`,
)

/** A statement, not an entity's flush: that would write the private part into the text, and a failure into a log. */
const INSERT = statement(
  'signing-key.insert',
  `insert into signing_key (id, algorithm, phase, public_jwk, sealed, key_id, activated_at)
   values ($1, $2, $3, $4, $5, $6, now())`,
)

/** Reads and opens all keys. @throws WrongRootSecretError; LatchkeyError `unavailable` */
export async function readKeys(db: Runner, keys: DerivedKeys): Promise<RingKey[]> {
  return (await db.many(READ, [])).map((row) => openKey(keys, row))
}

/** The key that signs, if there is one of this algorithm. */
export function activeOf(ring: RingKey[], algorithm: SigningAlgorithm): RingKey | undefined {
  return ring.find((key) => key.phase === 'active' && key.algorithm === algorithm)
}

/**
 * Sees to it that a key of this algorithm is active; an active one of another algorithm retires. A key that retired when
 * the algorithm was changed is taken again when it is changed back. Instances that start at once queue up at a lock of
 * the whole cluster: the first stores its key, all others find that one and drop theirs.
 *
 * @throws WrongRootSecretError; LatchkeyError `unavailable`
 */
export async function storeActiveKey(db: Database, keys: DerivedKeys, algorithm: SigningAlgorithm): Promise<RingKey[]> {
  // Before the lock is taken: an RSA key takes up to a second, and the others wait no longer than that for the lock.
  const made = await makeActiveKey(algorithm)
  return await db.transaction(async (transaction) => {
    await lockInTransaction(transaction, 'signing keys')
    // With a wrong root secret this throws, and the transaction leaves no key behind that nobody else could open.
    const ring = await readKeys(transaction, keys)
    if (activeOf(ring, algorithm) !== undefined) return ring
    await transaction.many(RETIRE_ACTIVE, [])
    const retired = ring.find((key) => key.algorithm === algorithm)
    if (retired === undefined) await insert(transaction, keys, made)
    else await transaction.many(REACTIVATE, [retired.id])
    return await readKeys(transaction, keys)
  })
}

async function insert(transaction: Runner, keys: DerivedKeys, made: RingKey): Promise<void> {
  const { id, algorithm, phase, sealed } = sealKey(keys, made)
  const jwk = publicJwk(made)
  await transaction.many(INSERT, [
    id,
    algorithm,
    phase,
    jwk === undefined ? null : JSON.stringify(jwk),
    sealed,
    keys.id,
  ])
}
