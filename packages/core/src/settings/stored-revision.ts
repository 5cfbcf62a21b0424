import type { AuditEventName } from '../audit/events.ts'
import type { Actor } from '../audit/origin.ts'
import { record } from '../audit/record.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { lockInTransaction } from '../database/lock.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'
import type { RevisionId, RevisionKind, StoredChange, StoredSettings } from './revision.ts'
import { NOTHING_STORED, storedFrom } from './stored.ts'

/** What instances listen to; the payload is the number of a revision. */
export const SETTINGS_CHANNEL = 'latchkey_settings'

/** Revisions that are kept: years of a busy operator, and still nothing to read. */
const REVISIONS_KEPT = 1000

/** $1 now, $2 and $3 the revision whose content is known. */
const NEWEST = statement<{ number: number; at: Date | null; isKnown: boolean; stored: unknown; now: Date }>(
  'settings.newest',
  `select n.number, n.at, n."isKnown", case when not n."isKnown" then n.stored end as stored, t.now
     from (select coalesce($1::timestamptz, clock_timestamp()) as now) as t
     left join lateral (select number, date_trunc('milliseconds', at) as at, stored
                          from settings_revision order by number desc limit 1) as r on true
    cross join lateral (select coalesce(r.number, 0) as number, r.at, r.stored,
                               (coalesce(r.number, 0), r.at) is not distinct from ($2::int, $3::timestamptz) as "isKnown") as n`,
)

const FIND = statement<{ stored: unknown; at: Date }>(
  'settings.find',
  'select stored, at from settings_revision where number = $1',
)

const INSERT = statement(
  'settings.insert',
  `insert into settings_revision (number, at, kind, actor, actor_id, reason, restores, changes, stored)
   values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb)`,
)

const FORGET = statement('settings.forget', 'delete from settings_revision where number <= $1')

/** Sent by PostgreSQL when the transaction commits, and not at all if it does not. */
const NOTIFY = statement('settings.notify', `select pg_notify('${SETTINGS_CHANNEL}', $1)`)

const EVENTS: Record<RevisionKind, AuditEventName> = {
  change: 'settings.changed',
  rollback: 'settings.rolled_back',
  override_ended: 'settings.override.ended',
}

/** The newest revision, and the database's time at which it was that. */
export interface Newest extends RevisionId {
  stored: StoredSettings
  now: Date
}

/** A revision that is to be written. */
export interface NewRevision {
  kind: RevisionKind
  stored: StoredSettings
  changes: StoredChange[]
  actor: Actor
  reason?: string | undefined
  restores?: number | undefined
}

/** Waits for all others in the cluster who change the settings, and reads what they have committed. */
export async function lockNewest(transaction: Runner, core: Core): Promise<Newest> {
  await lockInTransaction(transaction, 'latchkey settings')
  return await readNewest(transaction, core)
}

/** The newest revision. Number 0 and nothing stored before the first. */
export async function readNewest(runner: Runner, core: Core): Promise<Newest> {
  const { stored = NOTHING_STORED, ...newest } = await askNewest(runner, core)
  return { ...newest, stored }
}

/**
 * The newest revision, by one trivial query.
 *
 * @param known the revision whose content is known: then `stored` is undefined if it still is the newest
 */
export async function askNewest(
  runner: Runner,
  { clock }: Core,
  known?: RevisionId,
): Promise<Omit<Newest, 'stored'> & { stored: StoredSettings | undefined }> {
  const newest = await runner.one(NEWEST, [clock.sql(), known?.number ?? null, known?.at ?? null])
  if (newest === undefined) throw new LatchkeyError('unavailable')
  const { number, at, isKnown, stored, now } = newest
  return { number, at, stored: isKnown ? undefined : storedFrom(stored), now }
}

/** What an earlier revision stored, and when; undefined when there is none, or none any more. */
export async function findRevision(
  runner: Runner,
  number: number,
): Promise<{ stored: StoredSettings; at: Date } | undefined> {
  const found = await runner.one(FIND, [number])
  return found && { stored: storedFrom(found.stored), at: found.at }
}

/**
 * What a rollback goes back to: an earlier revision, or with 0 the state before the first.
 *
 * @throws LatchkeyError `not_found`
 */
export async function revisionToRestore(runner: Runner, to: number): Promise<{ stored: StoredSettings; at: Date }> {
  if (to === 0) return { stored: NOTHING_STORED, at: new Date(0) }
  const old = await findRevision(runner, to)
  if (old === undefined) throw new LatchkeyError('not_found')
  return old
}

/** Writes the revision after the newest one, with its audit event and its notification; the caller holds the lock. */
export async function writeRevision(
  transaction: Runner,
  core: Core,
  newest: Newest,
  revision: NewRevision,
): Promise<Newest> {
  const number = newest.number + 1
  const { kind, stored, changes, actor, reason = '', restores } = revision
  await transaction.many(INSERT, [
    number,
    newest.now,
    kind,
    actor.kind,
    actor.accountId,
    reason,
    restores ?? null,
    JSON.stringify(changes),
    JSON.stringify(stored),
  ])
  const details = { number, ...(reason !== '' && { reason }), ...(restores !== undefined && { restores }), changes }
  await record(transaction, core, { name: EVENTS[kind], actor, details })
  await transaction.many(FORGET, [number - REVISIONS_KEPT])
  await transaction.many(NOTIFY, [String(number)])
  return { number, at: newest.now, stored, now: newest.now }
}
