import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'

const PRUNE = statement<{ removed: number }>(
  'instance.prune',
  `with gone as (
    delete from instance where seen_at < coalesce($1::timestamptz, clock_timestamp()) - interval '1 day' returning 1)
  select count(*) as removed from gone`,
)

/** Forgets instances that were not seen for a day. @returns how many */
export async function pruneInstances({ db, clock }: Core): Promise<number> {
  return (await db.one(PRUNE, [clock.sql()]))?.removed ?? 0
}
