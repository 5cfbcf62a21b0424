import type { Runner } from '../database/database.ts'
import type { Clock } from '../clock.ts'
import type { DerivedKeys } from '../crypto.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import { publicJwk } from './jwks.ts'
import type { PlannedKey } from './plan.ts'
import { type RingKey, type SealedKey, sealKey } from './ring-key.ts'

/** What instances listen to; the payload says nothing. */
export const KEYS_CHANNEL = 'latchkey_signing_keys'

/** Who changes the keys holds it: one at a time, in the whole cluster. */
export const KEYS_LOCK = 'signing keys'

/** A row: what a plan needs, and the sealed key. */
export type StoredKey = PlannedKey & SealedKey

/** All rows, and the database's time at which they were read. */
export interface StoredKeys {
  now: Date
  keys: StoredKey[]
}

const READ = statement<{ now: Date } & { [Column in keyof StoredKey]: StoredKey[Column] | null }>(
  'signing-key.read',
  `select t.now, k.id, k.algorithm, k.created_at as "createdAt", k.activated_at as "activatedAt",
          k.retired_at as "retiredAt", k.lifetime_max as "lifetimeMax", k.max_age_max as "maxAgeMax",
          k.key_id as "keyId", k.sealed
     from (select coalesce($1::timestamptz, clock_timestamp()) as now) as t
     left join signing_key as k on true
    order by k.created_at desc, k.id`,
)

/** A statement, not an entity's flush: that would write the private part into the text, and a failure into a log. */
const INSERT = statement(
  'signing-key.insert',
  `insert into signing_key (id, algorithm, phase, public_jwk, sealed, key_id, created_at, activated_at,
                            lifetime_max, max_age_max)
   values ($1, $2, case when $7::timestamptz is null then 'next' else 'active' end, $3, $4, $5, $6, $7, $8, $9)`,
)

const ACTIVATE = statement(
  'signing-key.activate',
  `update signing_key set phase = 'active', activated_at = $2 where id = $1`,
)

const RETIRE = statement(
  'signing-key.retire',
  `update signing_key set phase = 'retiring', retired_at = $2 where id = $1`,
)

/** A key whose successor is no more goes on. */
const GO_ON = statement(
  'signing-key.go-on',
  `update signing_key set phase = 'active', retired_at = null where retired_at > $1`,
)

const REMOVE = statement('signing-key.remove', 'delete from signing_key where id = $1')

const NOTE = statement(
  'signing-key.note',
  `update signing_key set lifetime_max = greatest(lifetime_max, $1), max_age_max = greatest(max_age_max, $2)
    where retired_at is null or retired_at > $3`,
)

/** Sent by PostgreSQL when the transaction commits, and not at all if it does not. */
const NOTIFY = statement('signing-key.notify', `select pg_notify('${KEYS_CHANNEL}', '')`)

/** Reads all rows, the newest first; opens none. @throws LatchkeyError `unavailable` */
export async function readStoredKeys(runner: Runner, clock: Clock): Promise<StoredKeys> {
  const rows = await runner.many(READ, [clock.sql()])
  const now = rows[0]?.now
  if (now === undefined) throw new LatchkeyError('unavailable')
  return { now, keys: rows.filter((row): row is { now: Date } & StoredKey => row.id !== null) }
}

/** Stores a key that signs from a moment on, or waits for its turn. */
export async function insertKey(
  transaction: Runner,
  keys: DerivedKeys,
  key: RingKey,
  times: Pick<PlannedKey, 'createdAt' | 'activatedAt' | 'lifetimeMax' | 'maxAgeMax'>,
): Promise<void> {
  const { id, algorithm, keyId, sealed } = sealKey(keys, key)
  const jwk = publicJwk(key)
  const { createdAt, activatedAt, lifetimeMax, maxAgeMax } = times
  const shown = jwk === undefined ? null : JSON.stringify(jwk)
  await transaction.many(INSERT, [id, algorithm, shown, sealed, keyId, createdAt, activatedAt, lifetimeMax, maxAgeMax])
}

/** Decides from when on a key signs. */
export const activateKey = (transaction: Runner, id: string, from: Date) => transaction.many(ACTIVATE, [id, from])

/** Decides from when on a key signs no more. */
export const retireKey = (transaction: Runner, id: string, from: Date) => transaction.many(RETIRE, [id, from])

/** Takes back that a key is to sign no more from a moment to come. */
export const letKeyGoOn = (transaction: Runner, now: Date) => transaction.many(GO_ON, [now])

/** Forgets a key: no token of it is accepted any more. */
export const removeKey = (transaction: Runner, id: string) => transaction.many(REMOVE, [id])

/** Notes the longest lifetimes in force, in seconds, with all keys that have signed since a moment, or will. */
export const noteLifetimes = (transaction: Runner, lifetime: number, maxAge: number, since: Date) =>
  transaction.many(NOTE, [lifetime, maxAge, since])

/** Tells every instance to look at the keys, once this is committed. */
export const notifyKeys = (transaction: Runner) => transaction.many(NOTIFY, [])
