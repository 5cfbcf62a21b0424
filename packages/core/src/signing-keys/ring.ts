import type { JSONWebKeySet } from 'jose'
import type { DerivedKeys } from '../crypto.ts'
import type { Database, Runner } from '../database/database.ts'
import { lockInTransaction } from '../database/lock.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { publicJwk, publicJwks } from './jwks.ts'
import { makeKey } from './make.ts'
import { openKey, type RingKey, type SealedKey, sealKey } from './ring-key.ts'
import type { SigningAlgorithm, SigningKey } from './signing-key.ts'

type Row = SealedKey & Pick<SigningKey, 'phase'>

const READ = statement<Row>(
  'signing-key.read',
  'select id, algorithm, phase, sealed, key_id as "keyId" from signing_key order by created_at desc, id',
)

const RETIRE_ACTIVE = statement(
  'signing-key.retire-active',
  `update signing_key set phase = 'retiring', retired_at = now() where phase = 'active'`,
)

const INSERT_ACTIVE = statement(
  'signing-key.insert-active',
  `insert into signing_key (id, algorithm, phase, public_jwk, sealed, key_id, activated_at)
   values ($1, $2, 'active', $3, $4, $5, now())`,
)

/** All that this instance holds in memory of the signing keys. No request waits for a key to be read or made. */
export interface Ring {
  /**
   * Reads the keys, and makes the first one of the configured algorithm where there is none.
   *
   * @throws WrongRootSecretError when they were sealed under another root secret; then nothing was changed
   * @throws LatchkeyError `unavailable`
   */
  load(): Promise<void>
  /** Whether the keys are there. Until then everything below throws LatchkeyError `unavailable`. */
  loaded(): boolean
  /** The key that signs. */
  active(): RingKey
  /** The key whose tokens bear this header, encoded as it stands in the token. */
  find(header: string): RingKey | undefined
  /** The public parts of all keys whose tokens are accepted; HS256 keys have none. */
  jwks(): JSONWebKeySet
}

/** What {@link createRing} needs. */
export interface RingOptions {
  db: Database
  keys: DerivedKeys
  /** What new tokens are signed with. */
  algorithm: SigningAlgorithm
}

interface Loaded {
  active: RingKey
  byHeader: Map<string, RingKey>
  jwks: JSONWebKeySet
}

/** Makes the ring of an instance; it is empty until `load`. */
export function createRing({ db, keys, algorithm }: RingOptions): Ring {
  let held: Loaded | undefined

  const open = (rows: Row[]) => rows.map((row) => ({ ...openKey(keys, row), phase: row.phase }))
  const activeOf = (opened: ReturnType<typeof open>) =>
    opened.find((key) => key.phase === 'active' && key.algorithm === algorithm)

  /** Instances that start at once queue up at the lock; all but the first find the key and drop their own. */
  async function addActive(transaction: Runner, made: RingKey): Promise<Row[]> {
    await lockInTransaction(transaction, 'signing keys')
    const rows = await transaction.many(READ, [])
    // Opened before anything is written: an instance with a wrong root secret must leave no key behind.
    if (activeOf(open(rows)) !== undefined) return rows
    const { id, sealed, keyId } = sealKey(keys, made)
    await transaction.many(RETIRE_ACTIVE, [])
    await transaction.many(INSERT_ACTIVE, [id, algorithm, JSON.stringify(publicJwk(made) ?? null), sealed, keyId])
    return transaction.many(READ, [])
  }

  const ready = () => {
    if (held === undefined) throw new LatchkeyError('unavailable', { retryAfter: 1 })
    return held
  }

  return {
    async load() {
      ...
    },
  }
}
