import type { JSONWebKeySet } from 'jose'
import type { Clock } from '../clock.ts'
import { type DerivedKeys, keysInForce, type RootKeys } from '../crypto.ts'
import type { Database } from '../database/database.ts'
import { LatchkeyError } from '../errors.ts'
import { publicJwks } from './jwks.ts'
import { openKey, type RingKey } from './ring-key.ts'
import { phaseAt } from './signing-key.ts'
import { readStoredKeys, type StoredKey, type StoredKeys } from './stored.ts'

/** All that this instance holds in memory of the signing keys. No request waits for a key to be read or made. */
export interface Ring {
  /**
   * Reads the keys. Makes none: see `tend.ts`.
   *
   * @returns the rows that were read
   * @throws WrongRootSecretError when they were sealed under another root secret; keys that are gone are so all
   * the same, and none is added
   * @throws LatchkeyError `unavailable`
   */
  load(): Promise<StoredKeys>
  /** The derived keys under which things are made, here and on every instance; those of the root secret until `load`. */
  keysInForce(): DerivedKeys
  /** Whether a key is there that signs. Until then everything below throws LatchkeyError `unavailable`. */
  loaded(): boolean
  /** The key that signs at a moment of the database's time: all instances switch from one to the next at the same. */
  active(now: Date): RingKey
  /** The key whose tokens bear this header, encoded as it stands in the token. */
  find(header: string): RingKey | undefined
  /** The public parts of all keys whose tokens are accepted; HS256 keys have none. */
  jwks(): JSONWebKeySet
}

/** What {@link createRing} needs. */
export interface RingOptions extends RootKeys {
  db: Database
  clock: Clock
}

/** A key, and from when until when it signs. */
interface Turn extends Pick<StoredKey, 'activatedAt' | 'retiredAt'> {
  key: RingKey
}

interface Loaded {
  /** Every key that signs, has signed or will: the latest first, and never empty. */
  turns: [Turn, ...Turn[]]
  byHeader: Map<string, RingKey>
  jwks: JSONWebKeySet
}

/** Makes the ring of an instance; it is empty until `load`. */
export function createRing({ db, clock, ...sealing }: RingOptions): Ring {
  let opened = new Map<string, RingKey>()
  let held: Loaded | undefined
  let inForce = sealing.keys
  let loads = 0
  let newest = 0

  // Not "unknown key": an instance that has no keys yet must not tell an honest client that its token is bad.
  const ready = () => {
    if (held === undefined) throw new LatchkeyError('unavailable', { retryAfter: 1 })
    return held
  }

  /** Where it cannot be opened, what is gone is gone all the same: a compromised key must not go on. */
  const openNew = (row: StoredKey, rows: StoredKey[]): RingKey => {
    try {
      return openKey(sealing, row)
    } catch (error) {
      const known = rows.flatMap((each) => {
        const key = opened.get(each.id)
        return key === undefined ? [] : [{ ...each, key }]
      })
      held = hold(known) ?? held
      throw error
    }
  }

  return {
    async load() {
      const load = ++loads
      const stored = await readStoredKeys(db, clock)
      // Two may be under way, and answer in the other order.
      if (load < newest) return stored
      newest = load
      // A key that is known stays the same object, by which tokens that were checked know it.
      const keys = stored.keys.map((row) => ({ ...row, key: opened.get(row.id) ?? openNew(row, stored.keys) }))
      opened = new Map(keys.map(({ id, key }) => [id, key]))
      inForce = keysInForce(sealing, stored.keys)
      held = hold(keys)
      return stored
    },
    keysInForce: () => inForce,
    loaded: () => held !== undefined,
    active: (now) => {
      const { turns } = ready()
      const current = turns.find((turn) => phaseAt(turn, now) === 'active')
      // Where the clock was set back, or a key was stopped between the statement and this, one signs before its time.
      return (current ?? turns.findLast((turn) => phaseAt(turn, now) === 'next') ?? turns[0]).key
    },
    find: (header) => ready().byHeader.get(header),
    jwks: () => ready().jwks,
  }
}

function hold(keys: Turn[]): Loaded | undefined {
  const [first, ...others] = keys
    .filter(({ activatedAt }) => activatedAt !== null)
    .toSorted((a, b) => Number(b.activatedAt) - Number(a.activatedAt))
  if (first === undefined) return undefined
  const all = keys.map(({ key }) => key)
  return {
    turns: [first, ...others],
    byHeader: new Map(all.map((key) => [key.header, key])),
    jwks: publicJwks(all),
  }
}
