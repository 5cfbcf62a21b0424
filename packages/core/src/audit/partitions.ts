import type { Database, Runner } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** Where events go that no month takes. */
export const OTHER = 'audit_event_other'

/** Rows that are moved out of {@link OTHER} to make room for their month: some 200 ms, for which logins wait. */
const MOVED_MAX = 20_000

/** One month of the audit, in UTC. */
export interface Month {
  /** The name of its partition. */
  table: string
  start: Date
  /** The start of the next one. */
  end: Date
}

/** The month of a moment, or one so many months later. */
export function monthOf(at: Date, later = 0): Month {
  const startOf = (months: number) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months))
  const start = startOf(later)
  return { table: `audit_event_${start.toISOString().slice(0, 7).replace('-', '_')}`, start, end: startOf(later + 1) }
}

/** The month whose partition is called so; undefined for a partition that somebody else made. */
export function monthNamed(table: string): Month | undefined {
  const [, year, month] = /^audit_event_(\d{4})_(0[1-9]|1[0-2])$/.exec(table) ?? []
  return year === undefined || month === undefined ? undefined : monthOf(new Date(`${year}-${month}-01T00:00:00Z`))
}

const PARTITIONS = statement<{ now: Date; tables: string[] }>(
  'audit.partitions',
  `select coalesce($1::timestamptz, clock_timestamp()) as now,
          array(select c.relname::text from pg_inherits as i join pg_class as c on c.oid = i.inhrelid
                 where i.inhparent = 'audit_event'::regclass order by c.relname) as tables`,
)

/** The names of all partitions, and the database's time. */
export async function readPartitions(runner: Runner, now: Date | null): Promise<{ now: Date; tables: string[] }> {
  return (await runner.one(PARTITIONS, [now])) ?? { now: new Date(), tables: [] }
}

/**
 * Others wait behind whoever waits for such a lock, logins among them. Rather than that it is given up; the next round
 * tries again.
 */
const WAIT_SHORTLY = statement('audit.wait-shortly', `set local lock_timeout = '250ms'`)
/**
 * Keeps events from being written meanwhile. One on its way into {@link OTHER} would be refused there once its month is
 * attached; it waits at the parent instead, and then goes to its month.
 */
const LOCK_WRITERS = statement('audit.lock-writers', 'lock table only audit_event in share row exclusive mode')
const LOCK_OTHER = statement('audit.lock-other', `lock table ${OTHER} in access exclusive mode`)
const COUNT_IN_WAY = statement<{ count: number }>(
  'audit.in-way',
  `select count(*) as count from (select from ${OTHER} where at >= $1 and at < $2 limit ${MOVED_MAX + 1}) as found`,
)

/**
 * Makes the partition of a month, with those of its rows that fell into {@link OTHER} meanwhile. Made apart and then
 * attached: like that readers need not wait.
 *
 * @returns false when there are too many such rows to be moved while others wait: they stay where they are
 * @throws LatchkeyError `unavailable` when a lock cannot be had shortly, or the role may not create tables
 */
export async function makeMonth(db: Database, { table, start, end }: Month): Promise<boolean> {
  const [from, to] = [start.toISOString(), end.toISOString()]
  return await db.transaction(async (transaction) => {
    const run = (name: string, text: string) => transaction.many(statement(`audit.${name} ${table}`, text), [])
    await transaction.many(WAIT_SHORTLY, [])
    await run('create', `create table ${table} (like audit_event including defaults including constraints)`)
    await transaction.many(LOCK_WRITERS, [])
    await transaction.many(LOCK_OTHER, [])
    const inWay = (await transaction.one(COUNT_IN_WAY, [start, end]))?.count ?? 0
    if (inWay > MOVED_MAX) {
      await run('drop', `drop table ${table}`)
      return false
    }
    if (inWay > 0) {
      await run(
        'move',
        `with moved as (delete from ${OTHER} where at >= '${from}' and at < '${to}' returning *)
         insert into ${table} select * from moved`,
      )
    }
    await run('attach', `alter table audit_event attach partition ${table} for values from ('${from}') to ('${to}')`)
    return true
  })
}

/**
 * Drops the partition of a month with all that is in it. Without detaching it first: that needs the same lock, and a crash
 * between the two would leave a table that nobody knows.
 *
 * @throws LatchkeyError `unavailable` when a lock cannot be had shortly, or the table is not this role's
 */
export async function dropMonth(db: Database, { table }: Month): Promise<void> {
  await db.transaction(async (transaction) => {
    await transaction.many(WAIT_SHORTLY, [])
    await transaction.many(statement(`audit.drop ${table}`, `drop table ${table}`), [])
  })
}
