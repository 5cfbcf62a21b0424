import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { createRecent } from './recent.ts'
import { refusal } from './refusal.ts'

/** Keys that one instance remembers as spent: some 10 MB when all are taken. */
const SPENT_MAX = 50_000
/** Seconds for which it does at most, where a success on another instance may have given points back meanwhile. */
const SPENT_SECONDS_MAX = 10

const TAKE = statement<{ key: string; taken: number; endsAt: Date; seconds: number; refused: boolean }>(
  'limit.take',
  `select counter as key, taken, ends_at as "endsAt", seconds, refused
     from rate_limit_take($1::jsonb, $2::text, $3::text, $4::float8, $5::timestamptz)`,
)

const GIVE_BACK = statement('limit.give-back', 'select rate_limit_give_back($1::jsonb)')

/** A counter that all instances share. */
export interface Counter {
  /** The limit's name, as it is told to whom it refuses. */
  name: string
  /** What is counted by: an account, a prefix, a device. */
  subject: string
  /** How many in a window. */
  limit: number
  windowSeconds: number
}

/** Counters that do not refuse when they are spent, but make newcomers wait. */
export interface SoftCounters {
  name: string
  counters: Counter[]
  /** Who has to wait. */
  subject: string
  /** By what those are counted who have to wait. */
  waiters: string
  /** Seconds at the most. */
  delayMax: number
}

/** A point that an attempt has taken, of the window that ends then. */
export interface Point {
  key: string
  endsAt: Date
}

/** Points as `rate_limit_give_back` takes them. */
export const pointsJson = (points: Point[]): string => JSON.stringify(points)

/** The counters of attempts, in the database. */
export interface SharedCounters {
  /**
   * Takes a point of each counter, or of none: one statement, and none at all where it is known that a counter is spent.
   *
   * @throws LatchkeyError `too_many_requests`; `unavailable`, for without a count there is no attempt
   */
  take(counters: Counter[], soft?: SoftCounters): Promise<Point[]>
  /** Gives points back, where the attempt turned out to be none. One statement. */
  giveBack(points: Point[]): Promise<void>
  /** Says that another statement has given these points back, by `rate_limit_give_back`. */
  givenBack(points: Point[]): void
}

/** Makes the shared counters, as this instance sees them. */
export function createSharedCounters({
  db,
  clock,
  limited,
}: {
  db: Database
  clock: Clock
  limited: (name: string) => void
}): SharedCounters {
  /** Keys that were found spent: until when (milliseconds since 1970) that is so, and at which limit. */
  const spent = createRecent<{ until: number; retryAt: number; limit: number }>(SPENT_MAX)
  const now = () => clock.now().getTime()

  const refuse = ({ name, limit, windowSeconds }: Omit<Counter, 'subject'>, seconds: number) => {
    limited(name)
    return refusal({ name, limit, windowSeconds }, seconds)
  }
  /** Milliseconds until the limit is free again, where it is known that it is not. A limit that was raised is asked for. */
  const knownWait = (key: string, limit: number): number | undefined => {
    const known = spent.get(key)
    return known !== undefined && known.until > now() && known.limit >= limit ? known.retryAt - now() : undefined
  }

  const givenBack = (points: Point[]) => {
    for (const { key } of points) spent.delete(key)
  }
  return {
    async take(counters, soft) {
      for (const counter of counters) {
        const wait = knownWait(keyOf(counter), counter.limit)
        if (wait !== undefined) throw refuse(counter, wait / 1000)
      }
      const waiting = soft && keyOf(soft)
      const waiters = soft && keyOf({ name: soft.name, subject: soft.waiters })
      const softLimit = soft?.counters.reduce((sum, { limit }) => sum + limit, 0) ?? 0
      const told = waiting === undefined ? undefined : knownWait(waiting, softLimit)
      if (soft && told !== undefined) throw refuse(delayOf(soft, told / 1000), told / 1000)

      const json = JSON.stringify([
        ...counters.map((counter) => asRow(counter, false)),
        ...(soft?.counters ?? []).map((counter) => asRow(counter, true)),
      ])
      const taken = await db.many(TAKE, [json, waiting ?? null, waiters ?? null, soft?.delayMax ?? null, clock.sql()])
      const refused = taken.find((each) => each.refused)
      if (refused === undefined) return taken.map(({ key, endsAt }) => ({ key, endsAt }))
      const { key, seconds } = refused
      const retryAt = now() + seconds * 1000
      if (soft && key === waiting) {
        spent.set(key, { until: retryAt, retryAt, limit: softLimit })
        throw refuse(delayOf(soft, seconds), seconds)
      }
      const counter = counters.find((each) => keyOf(each) === key)
      if (counter === undefined) throw new Error(`a counter that was not asked for: ${key}`)
      spent.set(key, { until: Math.min(retryAt, now() + SPENT_SECONDS_MAX * 1000), retryAt, limit: counter.limit })
      throw refuse(counter, seconds)
    },
    async giveBack(points) {
      if (points.length === 0) return
      await db.many(GIVE_BACK, [pointsJson(points)])
      givenBack(points)
    },
    givenBack,
  }
}

const keyOf = ({ name, subject }: { name: string; subject: string }): string => `${name}:${subject}`

const asRow = (counter: Counter, soft: boolean) => ({
  key: keyOf(counter),
  limit: counter.limit,
  seconds: counter.windowSeconds,
  soft,
})

/** Whoever has to wait may try once in that time. */
const delayOf = ({ name }: SoftCounters, seconds: number) => ({ name, limit: 1, windowSeconds: Math.ceil(seconds) })
