import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { LatchkeyError } from '../errors.ts'

/** Seconds for which a count is kept: it reads all sessions, which a page that renews itself must not do each time. */
const KEPT_SECONDS = 10

/** What there is at a moment. */
export interface Total {
  liveSessions: number
  accounts: number
  countedAt: Date
}

const TOTAL = statement<Total>(
  'statistic.total',
  `select (select count(*) from session as s where s.ended_at is null and s.expires_at > t.now) as "liveSessions",
          (select count(*) from account) as accounts, t.now as "countedAt"
     from (select coalesce($1::timestamptz, clock_timestamp()) as now) as t`,
)

/** Counts sessions and accounts, and keeps the answer for some seconds. */
export interface Totals {
  /** @throws LatchkeyError `unavailable` */
  read(): Promise<Total>
}

/** Makes the totals of an instance. */
export function createTotals({ db, clock }: { db: Database; clock: Clock }): Totals {
  let kept: { total: Promise<Total>; until: number } | undefined

  const count = async () => {
    const total = await db.one(TOTAL, [clock.sql()])
    if (total === undefined) throw new LatchkeyError('unavailable')
    return total
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
