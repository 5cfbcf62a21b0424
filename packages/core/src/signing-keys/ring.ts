import type { JSONWebKeySet } from 'jose'
import type { DerivedKeys } from '../crypto.ts'
import type { Database } from '../database/database.ts'
import { LatchkeyError } from '../errors.ts'
import { publicJwks } from './jwks.ts'
import type { RingKey } from './ring-key.ts'
import type { SigningAlgorithm } from './signing-key.ts'
import { activeOf, readKeys, storeActiveKey } from './stored.ts'

/** All that this instance holds in memory of the signing keys. No request waits for a key to be read or made. */
export interface Ring {
  /**
   * Reads the keys, and makes one of the configured algorithm where none is active.
   *
   * @throws WrongRootSecretError when they were sealed under another root secret; nothing is changed then
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

  // Not "unknown key": an instance that has no keys yet must not tell an honest client that its token is bad.
  const ready = () => {
    if (held === undefined) throw new LatchkeyError('unavailable', { retryAfter: 1 })
    return held
  }

  return {
    async load() {
      const found = await readKeys(db, keys)
      held = hold(activeOf(found, algorithm) ? found : await storeActiveKey(db, keys, algorithm), algorithm)
    },
    loaded: () => held !== undefined,
    active: () => ready().active,
    find: (header) => ready().byHeader.get(header),
    jwks: () => ready().jwks,
  }
}

function hold(ring: RingKey[], algorithm: SigningAlgorithm): Loaded {
  const active = activeOf(ring, algorithm)
  if (active === undefined) throw new Error(`no active signing key for ${algorithm}`)
  return { active, byHeader: new Map(ring.map((key) => [key.header, key])), jwks: publicJwks(ring) }
}
