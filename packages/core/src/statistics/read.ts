import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { COUNT_NAMES } from './counters.ts'
import { percentileMs } from './percentile.ts'
import type { Total } from './totals.ts'

/** What happened in one hour, on all instances together. */
export interface HourView {
  /** Its beginning. */
  hour: Date
  logins: number
  loginsFailed: number
  refreshes: number
  registrations: number
  replays: number
}

/** How long the answers of a route took, on all instances together. */
export interface RouteView {
  /** Method and path. */
  route: string
  count: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
}

/** Figures for an operator. */
export interface Statistics extends Total {
  /** Each hour that was asked for, the current one last. */
  hours: HourView[]
  /** By name. */
  routes: RouteView[]
}

/** $1 now, $2 how many hours. Hours are those of UTC: not every zone is whole hours away from it. */
const SINCE = `
  select date_trunc('hour', coalesce($1::timestamptz, clock_timestamp()), 'UTC') as this_hour, make_interval(hours => $2 - 1) as back`

/** What is counted and not timed; every other name is a route. */
const COUNTS = COUNT_NAMES.map((name) => `'${name}'`).join(', ')

const HOURS = statement<HourView>(
  'statistic.hours',
  `with t as (${SINCE})
  select h.hour, coalesce(sum(s.count) filter (where s.name = 'logins'), 0)::bigint as logins,
         coalesce(sum(s.count) filter (where s.name = 'logins_failed'), 0)::bigint as "loginsFailed",
         coalesce(sum(s.count) filter (where s.name = 'refreshes'), 0)::bigint as refreshes,
         coalesce(sum(s.count) filter (where s.name = 'registrations'), 0)::bigint as registrations,
         coalesce(sum(s.count) filter (where s.name = 'replays'), 0)::bigint as replays
    from t cross join generate_series(t.this_hour - t.back, t.this_hour, interval '1 hour') as h (hour)
         left join statistic as s on s.hour = h.hour and s.name in (${COUNTS})
   group by h.hour order by h.hour`,
)

const ROUTES = statement<{ route: string; count: number; buckets: Record<string, number> }>(
  'statistic.routes',
  `with t as (${SINCE}),
  timed as (
    select s.name as route, s.bucket, sum(s.count)::bigint as count
      from t join statistic as s on s.hour >= t.this_hour - t.back
     where s.name not in (${COUNTS})
     group by s.name, s.bucket)
  select route, sum(count)::bigint as count, jsonb_object_agg(bucket, count) as buckets
    from timed group by route order by route collate "C"`,
)

/**
 * What happened in the last hours, how long routes took, and what there is now.
 *
 * @throws LatchkeyError `unavailable`
 */
export async function readStatistics({ db, clock, totals }: Core, { hours }: { hours: number }): Promise<Statistics> {
  const since = [clock.sql(), hours]
  const [total, counted, timed] = await Promise.all([totals.read(), db.many(HOURS, since), db.many(ROUTES, since)])
  return { ...total, hours: counted, routes: timed.map(routeView) }
}

function routeView({
  route,
  count,
  buckets,
}: {
  route: string
  count: number
  buckets: Record<string, number>
}): RouteView {
  const counts = Object.entries(buckets).reduce<number[]>((all, [bucket, each]) => {
    all[Number(bucket)] = each
    return all
  }, [])
  return {
    route,
    count,
    p50Ms: percentileMs(counts, 0.5),
    p95Ms: percentileMs(counts, 0.95),
    p99Ms: percentileMs(counts, 0.99),
  }
}
