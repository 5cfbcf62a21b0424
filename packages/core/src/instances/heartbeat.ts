import { randomUUID } from 'node:crypto'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import type { Counted } from '../statistics/counters.ts'

/** Milliseconds between two beats. */
const INTERVAL_MS = 5000
/** A beat may follow another at once; over less than this a rate says nothing. */
const RATE_SECONDS_MIN = 1

/**
 * Adds to the current hour what was counted: $1 now, $2 the counts as JSON. In the order of the key, so that instances
 * that beat at once wait for each other and never in a circle.
 */
const adding = (own: string) => `
  with t as (select coalesce($1::timestamptz, clock_timestamp()) as now),
  own as (${own})
  insert into statistic as s (hour, name, bucket, count)
  select date_trunc('hour', t.now, 'UTC'), c.name, c.bucket, c.count
    from t cross join jsonb_to_recordset($2::jsonb) as c (name text, bucket smallint, count bigint)
   order by c.name, c.bucket
  on conflict (hour, name, bucket) do update set count = s.count + excluded.count`

/** $3 id, $4 name, $5 version, $6 revision in force, $7 refreshes a second, $8 and $9 the root secrets that it knows. */
const BEAT = statement(
  'instance.beat',
  adding(`
    insert into instance (id, name, version, started_at, seen_at, revision, refreshes_per_second, key_id, previous_key_id)
    select $3::uuid, $4, $5, t.now, t.now, $6::int, $7::double precision, $8::int, $9::int from t
    on conflict (id) do update set
      seen_at = excluded.seen_at, revision = excluded.revision, refreshes_per_second = excluded.refreshes_per_second`),
)

const LEAVE = statement('instance.leave', adding('delete from instance where id = $3'))

/** Tells the cluster that this instance lives, and what it has counted. */
export interface Heartbeat {
  /** Beats now: something is worth telling. Never rejects; a beat that fails is made up for by the next. */
  beat(): Promise<void>
  /** Tells what was counted last, and leaves. */
  stop(): Promise<void>
}

/** Starts to beat: at once, and every 5 seconds, one statement each. */
export function startHeartbeat(core: Core, { name, version }: { name: string; version: string }): Heartbeat {
  const { db, clock, counters, settings, log, keys, previousKeys } = core
  const id = randomUUID()
  let measured = { at: clock.now().getTime(), refreshes: 0, rate: 0 }
  let failing = false

  /** What a failed statement did not store is counted again. If only its answer was lost, that is twice. */
  const store = async (send: (counted: Counted[]) => Promise<unknown>) => {
    const counted = counters.take()
    try {
      await send(counted)
      if (failing) log.info({}, 'heartbeat is back')
      failing = false
    } catch (error) {
      counters.give(counted)
      if (!failing)
        log.warn({ err: error }, 'heartbeat failed: other instances take this one for gone until it is back')
      failing = true
    }
  }
  const tell = async (counted: Counted[]) => {
    const now = clock.now().getTime()
    const seconds = (now - measured.at) / 1000
    const refreshes = measured.refreshes + (counted.find((each) => each.name === 'refreshes')?.count ?? 0)
    const next =
      seconds < RATE_SECONDS_MIN
        ? { ...measured, refreshes }
        : { at: now, refreshes: 0, rate: Math.round((refreshes / seconds) * 10) / 10 }
    await db.many(BEAT, [
      clock.sql(),
      JSON.stringify(counted),
      id,
      name,
      version,
      settings.revision(),
      next.rate,
      keys.id,
      previousKeys?.id ?? null,
    ])
    measured = next
  }
  const beats = oneAtATime(() => store(tell))

  const timer = setInterval(() => void beats.ask(), INTERVAL_MS).unref()
  void beats.ask()
  return {
    beat: () => beats.ask(),
    async stop() {
      clearInterval(timer)
      await beats.settled()
      await store((counted) => db.many(LEAVE, [clock.sql(), JSON.stringify(counted), id]))
    },
  }
}
