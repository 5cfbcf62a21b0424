import type { Core } from '../core.ts'
import { tryLocked } from '../database/lock.ts'
import { statement } from '../database/statement.ts'

/** Pages of 8 KiB in one batch: some 6,000 counters, so each transaction takes milliseconds. */
const BATCH_PAGES = 256

const PAGES = statement<{ pages: number }>(
  'limit.pages',
  `select pg_relation_size('rate_limit') / current_setting('block_size')::bigint as pages`,
)

/**
 * By place: an index on `expires_at` would cost every count its HOT update. What somebody is just counting is left for the
 * next time; to wait for it could be to wait in a ring.
 *
 * $1 and $2 the first page and the one after the last, $3 now.
 */
const DELETE_BATCH = statement<{ deleted: number }>(
  'limit.prune',
  `with t as (select coalesce($3::timestamptz, clock_timestamp()) as now),
  over as (
    select r.key from rate_limit as r, t
     where r.ctid >= format('(%s,0)', $1::bigint)::tid and r.ctid < format('(%s,0)', $2::bigint)::tid
       and r.expires_at < t.now
       for update of r skip locked),
  gone as (
    delete from rate_limit as r using over where r.key = over.key
    returning 1)
  select count(*) as deleted from gone`,
)

/**
 * Removes the counters whose window has ended. Nothing relies on it but the size of the table.
 *
 * @returns how many rows were removed; 0 when another instance is at it
 */
export async function pruneLimits({ db, clock }: Core): Promise<number> {
  let total = 0
  await tryLocked(db, 'prune limits', async () => {
    const pages = (await db.one(PAGES, []))?.pages ?? 0
    for (let page = 0; page < pages; page += BATCH_PAGES) {
      const batch = await db.one(DELETE_BATCH, [page, page + BATCH_PAGES, clock.sql()])
      total += batch?.deleted ?? 0
    }
  })
  return total
}
