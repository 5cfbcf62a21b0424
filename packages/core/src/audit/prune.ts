import type { Core } from '../core.ts'
import { tryLocked } from '../database/lock.ts'
import { statement } from '../database/statement.ts'
import { dropMonth, type Made, makeMonth, monthNamed, monthOf, MOVED_MAX, OTHER, readPartitions } from './partitions.ts'

/** Months that are there before they begin. With two a server may rest for a month and still find one. */
const MONTHS_AHEAD = 2
/** Rows of one batch, so that each transaction takes milliseconds. */
const BATCH = 5000

const DELETE_BATCH = statement<{ deleted: number }>(
  'audit.delete-other',
  `with gone as (
    delete from ${OTHER}
     where ctid = any(array(select ctid from ${OTHER} where at < $1 order by at limit ${BATCH}))
    returning 1)
  select count(*) as deleted from gone`,
)

/** Why a month has no partition. */
const OBSTACLES: Record<Exclude<Made, 'made'>, string> = {
  crowded: `the audit has no partition for this month: more than ${MOVED_MAX} of its events lie in ${OTHER}, and stay there`,
  large: `the audit has no partition for this month: ${OTHER} is too large to be looked through, and takes its events`,
}

/** What was done to the months of the audit. */
export interface AuditPruned {
  /** Partitions that are new, by name. */
  made: string[]
  /** Partitions that are gone, with their events. */
  dropped: string[]
  /** Single events that are gone: those outside of all months. */
  deleted: number
}

/**
 * Makes the months to come, and removes those that ended longer than `AUDIT_RETENTION` ago. Nothing relies on it but the
 * size of the audit: events that no month takes fall into a partition of their own. One instance is at it at a time.
 *
 * @param told the months without a partition that the log was told of, once each; whoever goes round keeps it
 * @throws LatchkeyError `unavailable` with the first thing that could not be done, after all the others: a lock could not
 * be had, or the role may not create or drop tables
 */
export async function pruneAudit(core: Core, told = new Set<string>()): Promise<AuditPruned> {
  const { db, settings, clock, log } = core
  const pruned: AuditPruned = { made: [], dropped: [], deleted: 0 }
  const faults: unknown[] = []
  const attempt = (work: () => Promise<unknown>) => work().catch((error: unknown) => faults.push(error))

  await tryLocked(db, 'prune audit', async () => {
    const { now, tables } = await readPartitions(db, clock.sql())
    const keptFrom = monthOf(new Date(now.getTime() - settings.current().AUDIT_RETENTION * 1000)).start

    const ahead = Array.from({ length: MONTHS_AHEAD + 1 }, (_, later) => monthOf(now, later))
    for (const month of ahead.filter(({ table }) => !tables.includes(table))) {
      await attempt(async () => {
        const made = await makeMonth(db, month, clock.sql())
        if (made === 'made') return pruned.made.push(month.table)
        if (!told.has(month.table)) log.warn({ month: month.table }, OBSTACLES[made])
        return told.add(month.table)
      })
    }
    const months = tables.map(monthNamed).filter((month) => month !== undefined)
    for (const month of months.filter(({ end }) => end <= keptFrom)) {
      await attempt(async () => {
        await dropMonth(db, month)
        pruned.dropped.push(month.table)
      })
    }
    await attempt(async () => {
      let batch: number
      do {
        batch = (await db.one(DELETE_BATCH, [keptFrom]))?.deleted ?? 0
        pruned.deleted += batch
      } while (batch === BATCH)
    })
  })
  if (faults.length > 0) throw faults[0]
  return pruned
}
