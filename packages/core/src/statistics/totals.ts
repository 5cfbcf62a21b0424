import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import { isCanceled } from '../database/faults.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'

/** Seconds for which a count is kept: it reads all sessions, which a page that renews itself must not do each time. */
const KEPT_SECONDS = 10

/** What there is at a moment. */
export interface Total {
  /** Null where there are more than can be counted in time. */
  liveSessions: number | null
  /** As {@link liveSessions}. */
  accounts: number | null
  countedAt: Date
}

const LIVE_SESSIONS = statement<{ count: number }>(
  'statistic.live-sessions',
  `select count(*) as count from session as s, (select coalesce($1::timestamptz, clock_timestamp()) as now) as t
    where s.ended_at is null and s.expires_at > t.now`,
)

const ACCOUNTS = statement<{ count: number }>('statistic.accounts', 'select count(*) as count from account')

/** Counts sessions and accounts, and keeps the answer for some seconds. */
export interface Totals {
  /** @throws LatchkeyError `unavailable` */
  read(): Promise<Total>
}

/** PostgreSQL ends a statement after two seconds; a page of figures is worth showing without these. */
async function inTime(counting: Promise<{ count: number } | undefined>): Promise<number | null> {
  try {
    return (await counting)?.count ?? null
  } catch (error) {
    if (error instanceof LatchkeyError && isCanceled(error.cause)) return null
    throw error
  }
}

/** Makes the totals of an instance. */
export function createTotals({ db, clock }: { db: Database; clock: Clock }): Totals {
  let kept: { total: Promise<Total>; until: number } | undefined

  const count = async (): Promise<Total> => {
    const countedAt = clock.now()
    const [liveSessions, accounts] = await Promise.all([
      inTime(db.one(LIVE_SESSIONS, [clock.sql()])),
      inTime(db.one(ACCOUNTS, [])),
    ])
    return { liveSessions, accounts, countedAt }
  }
  return {
    async read() {
      const now = clock.now().getTime()
      if (kept === undefined || kept.until <= now) kept = { total: count(), until: now + KEPT_SECONDS * 1000 }
      const mine = kept
      try {
        return await mine.total
      } catch (error) {
        if (kept === mine) kept = undefined
        throw error
      }
    },
  }
}
