import type { Database, Runner } from '../database/database.ts'
import { statement, UNPREPARED } from '../database/statement.ts'

/** Where events go that no month takes. */
export const OTHER = 'audit_event_other'

/** Rows that are moved out of {@link OTHER} to make room for their month: some 200 ms, for which logins wait. */
export const MOVED_MAX = 20_000
/** Bytes of {@link OTHER} that PostgreSQL may read through while everybody waits: it looks for rows of a new month. */
const SCANNED_MAX = 32 * 2 ** 20
/** Bytes of it that can be read through, with nobody waiting, within the time limit of a statement. */
const VALIDATED_MAX = 512 * 2 ** 20

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
/** By the index on `at`, however large the table is. */
const IN_WAY = `(select count(*) from (select from ${OTHER} where at >= $1 and at < $2 order by at limit ${MOVED_MAX + 1}) as found)`
const COUNT_IN_WAY = statement<{ count: number }>('audit.in-way', `select ${IN_WAY} as count`)
/** What can be known without a lock. A month is ahead while no event can be of it yet, whatever clocks say. */
const LOOK = statement<{ inWay: number; bytes: number; isAhead: boolean; isGuarded: boolean }>(
  'audit.look',
  `select ${IN_WAY} as "inWay", pg_relation_size('${OTHER}') as bytes,
          $1 > coalesce($3::timestamptz, clock_timestamp()) + interval '1 day' as "isAhead",
          exists(select from pg_constraint where conrelid = '${OTHER}'::regclass and conname = $4) as "isGuarded"`,
)

/**
 * What became of a month: `crowded` when {@link OTHER} has more rows of it than can be moved while others wait, `large`
 * when it has too many of other months to be read through.
 */
export type Made = 'made' | 'crowded' | 'large'

/**
 * Makes the partition of a month, with those of its rows that fell into {@link OTHER} meanwhile. Made apart and then
 * attached: like that readers need not wait.
 *
 * To attach it PostgreSQL reads all of {@link OTHER}, and keeps everybody out meanwhile, unless a valid constraint says that
 * no row is of that month. Where it is large such a constraint, the guard, is made first, which lets others in. It would
 * refuse events of that month, and so is only for months ahead.
 *
 * @param now when it is, or null for the database's clock
 * @throws LatchkeyError `unavailable` when a lock cannot be had shortly, or the role may not create tables
 */
export async function makeMonth(db: Database, month: Month, now: Date | null = null): Promise<Made> {
  const guard = guardOf(month)
  const found = await db.one(LOOK, [month.start, month.end, now, guard.name])
  const { inWay = 0, bytes = 0, isAhead = false, isGuarded = false } = found ?? {}
  // Left by a crash. Once its month has begun it would stop logins.
  if (isGuarded) await alterOther(db, guard.drop)
  if (inWay > MOVED_MAX) return 'crowded'
  if (bytes <= SCANNED_MAX) return await attachMonth(db, month)
  if (inWay > 0 || !isAhead || bytes > VALIDATED_MAX) return 'large'
  await alterOther(db, guard.add)
  try {
    await db.many(statement(UNPREPARED, `alter table ${OTHER} ${guard.validate}`), [])
    return await attachMonth(db, month)
  } catch (error) {
    // Where this fails too the next round finds it.
    await alterOther(db, guard.drop).catch(() => {})
    throw error
  }
}

function guardOf({ table, start, end }: Month) {
  const name = `${OTHER}_without_${table}`
  return {
    name,
    add: `add constraint ${name} check (at < '${start.toISOString()}' or at >= '${end.toISOString()}') not valid`,
    validate: `validate constraint ${name}`,
    drop: `drop constraint if exists ${name}`,
  }
}

async function alterOther(db: Database, change: string): Promise<void> {
  await db.transaction(async (transaction) => {
    await transaction.many(WAIT_SHORTLY, [])
    await transaction.many(statement(UNPREPARED, `alter table ${OTHER} ${change}`), [])
  })
}

async function attachMonth(db: Database, month: Month): Promise<Made> {
  const { table, start, end } = month
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
      return 'crowded'
    }
    if (inWay > 0) {
      await run(
        'move',
        `with moved as (delete from ${OTHER} where at >= '${from}' and at < '${to}' returning *)
         insert into ${table} select * from moved`,
      )
    }
    await run('attach', `alter table audit_event attach partition ${table} for values from ('${from}') to ('${to}')`)
    await run('unguard', `alter table ${OTHER} ${guardOf(month).drop}`)
    return 'made'
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
