import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import type { SettingValues } from './registry.ts'

/** What previews count: each table once, and nothing here is on the way of a request. */

const NOW = '(select coalesce($1::timestamptz, clock_timestamp()) as now) as t'
const LIVE = 's.ended_at is null and s.expires_at > t.now'

/** What is known of the sessions. */
export interface SessionFigures {
  live: number
  /** Of those, the ones of admins. */
  ofAdmins: number
  /** Live, but not refreshed for longer than was asked. */
  unused: number
  /** Live, and refreshed within the time that was asked. */
  used: number
  /** Accounts with live sessions, those with more than was asked, and what the next logins of these would end. */
  withSessions: number
  withMore: number
  surplus: number
  /** Rows that are older than the retention that was asked. */
  removable: number
}

/** What to count of the sessions. What is not asked is 0, and costs nothing. */
export interface SessionQuestion {
  ofAdmins?: boolean
  unusedSeconds?: number | undefined
  usedSeconds?: number | undefined
  most?: number | undefined
  retentionSeconds?: number | undefined
}

/**
 * $2 unused, $3 used for so many seconds, $4 the most for an account, $5 the retention in seconds, $6 whether of admins.
 * Only where $4 is given is there a group for each account. A login ends all but the newest `$4 - 1`, and opens one.
 */
const SESSIONS = statement<SessionFigures>(
  'preview.sessions',
  `select coalesce(sum(live), 0)::bigint as live, coalesce(sum(of_admins), 0)::bigint as "ofAdmins",
          coalesce(sum(unused), 0)::bigint as unused, coalesce(sum(used), 0)::bigint as used,
          count(*) filter (where live > 0 and $4::int is not null) as "withSessions",
          count(*) filter (where live > $4::int) as "withMore",
          coalesce(sum(live - $4::int + 1) filter (where live > $4::int), 0)::bigint as surplus,
          coalesce(sum(removable), 0)::bigint as removable
     from (select count(*) filter (where ${LIVE}) as live,
                  count(*) filter (where ${LIVE} and $6::boolean and s.account_id in (select id from account where role = 'admin')) as of_admins,
                  count(*) filter (where ${LIVE} and s.rotated_at < t.now - make_interval(secs => $2)) as unused,
                  count(*) filter (where ${LIVE} and s.rotated_at > t.now - make_interval(secs => $3)) as used,
                  count(*) filter (where s.expires_at < t.now - make_interval(secs => $5)
                                      or s.ended_at < t.now - make_interval(secs => $5)) as removable
             from session as s, ${NOW}
            group by case when $4::int is not null then s.account_id end) as each`,
)

/** What is known of the accounts. */
export interface AccountFigures {
  accounts: number
  /** Those that were made within the last 24 hours. */
  registered: number
  /** Those with a password hash of another cost than was asked. */
  outdated: number
}

/** Implementations write m, t and p in different orders. $2 the three of them. */
const ACCOUNTS = statement<AccountFigures>(
  'preview.accounts',
  `select count(*) as accounts, count(*) filter (where created_at > t.now - interval '1 day') as registered,
          count(*) filter (where $2::text is not null and not (
            password_hash like '$argon2id$v=19$%' and string_to_array(split_part(password_hash, '$', 4), ',')
                                                       @> string_to_array($2, ','))) as outdated
     from account, ${NOW}`,
)

/** Months go as a whole, once the last event of them is old enough. */
const AUDIT = statement<{ rows: number }>(
  'preview.audit',
  `select count(*) as rows from audit_event, ${NOW}
    where at < date_trunc('month', (t.now - make_interval(secs => $2)) at time zone 'utc') at time zone 'utc'`,
)

const STATISTIC_ROWS = statement<{ rows: number }>(
  'preview.statistic-rows',
  `select count(*) as rows from statistic, ${NOW} where hour < t.now - make_interval(secs => $2)`,
)

/** Counts the sessions, in one statement whatever is asked. */
export async function countSessions({ db, clock }: Core, asked: SessionQuestion): Promise<SessionFigures> {
  const { unusedSeconds = null, usedSeconds = null, most = null, retentionSeconds = null, ofAdmins = false } = asked
  const [figures] = await db.many(SESSIONS, [clock.sql(), unusedSeconds, usedSeconds, most, retentionSeconds, ofAdmins])
  return figures ?? { live: 0, ofAdmins: 0, unused: 0, used: 0, withSessions: 0, withMore: 0, surplus: 0, removable: 0 }
}

/** Counts the accounts, and with `cost` those that have a hash of another cost than that of these values. */
export async function countAccounts(
  { db, clock }: Core,
  { cost }: { cost?: Readonly<SettingValues> | undefined } = {},
): Promise<AccountFigures> {
  const parameters =
    cost && `m=${cost.PASSWORD_HASH_MEMORY},t=${cost.PASSWORD_HASH_ITERATIONS},p=${cost.PASSWORD_HASH_PARALLELISM}`
  return (await db.one(ACCOUNTS, [clock.sql(), parameters ?? null])) ?? { accounts: 0, registered: 0, outdated: 0 }
}

/** How many rows are older than a retention, so that pruning removes them. */
export async function countRemovable(
  { db, clock }: Core,
  what: 'audit events' | 'statistics',
  retentionSeconds: number,
): Promise<number> {
  const counting = { 'audit events': AUDIT, statistics: STATISTIC_ROWS }[what]
  return (await db.one(counting, [clock.sql(), retentionSeconds]))?.rows ?? 0
}
