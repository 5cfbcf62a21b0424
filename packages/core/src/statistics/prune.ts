import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'

const PRUNE = statement<{ removed: number }>(
  'statistic.prune',
  `with gone as (
    delete from statistic
     where hour < coalesce($1::timestamptz, clock_timestamp()) - make_interval(secs => $2) - interval '1 hour'
    returning 1)
  select count(*) as removed from gone`,
)

/** Removes the hours that ended longer than `STATISTICS_RETENTION` ago. @returns how many rows were removed */
export async function pruneStatistics({ db, settings, clock }: Core): Promise<number> {
  return (await db.one(PRUNE, [clock.sql(), settings.current().STATISTICS_RETENTION]))?.removed ?? 0
}
