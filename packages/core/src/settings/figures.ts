import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import type { SettingValues } from './registry.ts'

/** What previews count. Nothing here is on the way of a request; each stops by itself after two seconds. */

const NOW = '(select coalesce($1::timestamptz, clock_timestamp()) as now) as t'
const LIVE = 's.ended_at is null and s.expires_at > t.now'

/** $2 and $3 seconds. */
const SESSIONS = statement<{ live: number; unused: number; used: number }>(
  'preview.sessions',
  `select count(*) as live, count(*) filter (where s.rotated_at < t.now - make_interval(secs => $2)) as unused,
          count(*) filter (where s.rotated_at > t.now - make_interval(secs => $3)) as used
     from session as s, ${NOW} where ${LIVE}`,
)

const SESSIONS_BY_ROLE = statement<{ live: number }>(
  'preview.sessions-by-role',
  `select count(*) as live from session as s join account as a on a.id = s.account_id, ${NOW} where ${LIVE} and a.role = $2`,
)

/** A login ends all but the newest `$2 - 1`, and opens one. */
const SURPLUS = statement<{ accounts: number; sessions: number; withSessions: number }>(
  'preview.surplus',
  `select count(*) as "withSessions", count(*) filter (where live > $2) as accounts,
          coalesce(sum(live - $2 + 1) filter (where live > $2), 0)::bigint as sessions
     from (select count(*) as live from session as s, ${NOW} where ${LIVE} group by s.account_id) as each`,
)

const REGISTERED = statement<{ registered: number }>(
  'preview.registered',
  `select count(*) as registered from account, ${NOW} where created_at > t.now - interval '1 day'`,
)

const ACCOUNTS = statement<{ accounts: number }>('preview.accounts', 'select count(*) as accounts from account')

/** Implementations write m, t and p in different orders. $1 the three of them. */
const HASHES = statement<{ accounts: number; outdated: number }>(
  'preview.hashes',
  `select count(*) as accounts, count(*) filter (where not (
            password_hash like '$argon2id$v=19$%' and string_to_array(split_part(password_hash, '$', 4), ',')
                                                       @> string_to_array($1, ','))) as outdated
     from account`,
)

/** Months go as a whole, once the last event of them is old enough. */
const AUDIT = statement<{ rows: number }>(
  'preview.audit',
  `select count(*) as rows from audit_event, ${NOW}
    where at < date_trunc('month', (t.now - make_interval(secs => $2)) at time zone 'utc') at time zone 'utc'`,
)

const SESSION_ROWS = statement<{ rows: number }>(
  'preview.session-rows',
  `select count(*) as rows from session as s, ${NOW}
    where s.expires_at < t.now - make_interval(secs => $2) or s.ended_at < t.now - make_interval(secs => $2)`,
)

const STATISTIC_ROWS = statement<{ rows: number }>(
  'preview.statistic-rows',
  `select count(*) as rows from statistic, ${NOW} where hour < t.now - make_interval(secs => $2)`,
)

/**
 * How many sessions live, how many of them have not been refreshed for longer than `unusedSeconds`, and how many have
 * within the last `usedSeconds`.
 */
export async function countSessions({ db, clock }: Core, { unusedSeconds = 0, usedSeconds = 0 }) {
  return (await db.one(SESSIONS, [clock.sql(), unusedSeconds, usedSeconds])) ?? { live: 0, unused: 0, used: 0 }
}

/** How many sessions of users, or of admins, live. */
export async function countSessionsOf({ db, clock }: Core, role: 'user' | 'admin'): Promise<number> {
  return (await db.one(SESSIONS_BY_ROLE, [clock.sql(), role]))?.live ?? 0
}

/** How many accounts have live sessions, how many more than `most`, and what the next logins of those would end. */
export async function countSurplus({ db, clock }: Core, most: number) {
  return (await db.one(SURPLUS, [clock.sql(), most])) ?? { accounts: 0, sessions: 0, withSessions: 0 }
}

/** How many accounts were made within the last 24 hours. */
export async function countRegistered({ db, clock }: Core): Promise<number> {
  return (await db.one(REGISTERED, [clock.sql()]))?.registered ?? 0
}

/** How many accounts there are. */
export async function countAccounts({ db }: Core): Promise<number> {
  return (await db.one(ACCOUNTS, []))?.accounts ?? 0
}

/** How many accounts there are, and how many of them have a hash of another cost than that of these values. */
export async function countHashes({ db }: Core, values: Readonly<SettingValues>) {
  const {
    PASSWORD_HASH_MEMORY: memory,
    PASSWORD_HASH_ITERATIONS: iterations,
    PASSWORD_HASH_PARALLELISM: lanes,
  } = values
  return (await db.one(HASHES, [`m=${memory},t=${iterations},p=${lanes}`])) ?? { accounts: 0, outdated: 0 }
}

/** How many rows are older than a retention, so that pruning removes them. */
export async function countRemovable(
  { db, clock }: Core,
  what: 'audit events' | 'sessions' | 'statistics',
  retentionSeconds: number,
): Promise<number> {
  const counting = { 'audit events': AUDIT, sessions: SESSION_ROWS, statistics: STATISTIC_ROWS }[what]
  return (await db.one(counting, [clock.sql(), retentionSeconds]))?.rows ?? 0
}
