import type { Core } from '../core.ts'
import { tryLocked } from '../database/lock.ts'
import { statement } from '../database/statement.ts'

/** Pages of 8 KiB in one batch: some 2,000 rows, so each transaction takes milliseconds. */
const BATCH_PAGES = 128

const PAGES = statement<{ pages: number }>(
  'session.pages',
  `select pg_relation_size('session') / current_setting('block_size')::bigint as pages`,
)

/**
 * Deletes by place, not by date: an index on `expires_at` would cost every refresh its HOT update.
 *
 * $1 and $2 the first page and the one after the last, $3 retention in seconds, $4 now.
 */
const DELETE_BATCH = statement<{ deleted: number }>(
  'session.prune',
  `with t as (select coalesce($4::timestamptz, clock_timestamp()) - make_interval(secs => $3) as horizon),
  gone as (
    delete from session as s using t
     where s.ctid >= format('(%s,0)', $1::bigint)::tid and s.ctid < format('(%s,0)', $2::bigint)::tid
       and (s.expires_at < t.horizon or s.ended_at < t.horizon)
    returning 1)
  select count(*) as deleted from gone`,
)

/**
 * Removes the rows of sessions that ended or expired longer than `SESSION_RETENTION` ago. Nothing relies on it but the
 * size of the table: `refresh` never accepts such a row.
 *
 * @returns how many rows were removed; 0 when another instance is at it
 */
export async function pruneSessions(core: Core): Promise<number> {
  const { db, settings, clock } = core
  let total = 0
  await tryLocked(db, 'prune sessions', async () => {
    const pages = (await db.one(PAGES, []))?.pages ?? 0
    for (let page = 0; page < pages; page += BATCH_PAGES) {
      const retention = settings.current().SESSION_RETENTION
      const batch = await db.one(DELETE_BATCH, [page, page + BATCH_PAGES, retention, clock.sql()])
      total += batch?.deleted ?? 0
    }
  })
  return total
}
