import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'

/** Seconds without a sign of life, of which there is one every 5, after which an instance counts as gone. */
const ALIVE_SECONDS = 15

/** One process that serves on this database. */
export interface InstanceView {
  id: string
  name: string
  version: string
  startedAt: Date
  seenAt: Date
  /** The revision of the settings that is in force there. */
  revision: number
  refreshesPerSecond: number
  /** Whether it was seen within the last seconds. */
  alive: boolean
}

/** An instance that a beat was heard of lately; $1 now, $2 seconds. */
const ALIVE = 'seen_at > coalesce($1::timestamptz, clock_timestamp()) - make_interval(secs => $2)'

const LIST = statement<InstanceView>(
  'instance.list',
  `select id, name, version, started_at as "startedAt", seen_at as "seenAt", revision,
          refreshes_per_second as "refreshesPerSecond",
          ${ALIVE} as alive
     from instance order by name, started_at, id`,
)

/** All instances, by name; those that went without a word are shown for a day. */
export function listInstances({ db, clock }: Core): Promise<InstanceView[]> {
  return db.many(LIST, [clock.sql(), ALIVE_SECONDS])
}

const WITHOUT_SECRET = statement<{ name: string }>(
  'instance.without-secret',
  `select name from instance
    where ${ALIVE} and key_id is distinct from $3 and previous_key_id is distinct from $3
    order by name, started_at, id`,
)

/**
 * The names of the instances that live and do not know the root secret of `core`. As long as there is one, nothing may be made
 * under it: that instance would take an honest client for a stranger.
 */
export async function instancesWithoutSecret({ db, clock, keys }: Core): Promise<string[]> {
  return (await db.many(WITHOUT_SECRET, [clock.sql(), ALIVE_SECONDS, keys.id])).map(({ name }) => name)
}
