/** What is counted, by the hour and over all instances. */
export const COUNT_NAMES = ['logins', 'logins_failed', 'refreshes', 'registrations', 'replays'] as const

/** One of {@link COUNT_NAMES}. */
export type CountName = (typeof COUNT_NAMES)[number]

/** Upper bounds of the times that answers of a route took, in milliseconds; what took longer comes last. */
export const TIME_BOUNDS_MS = [
  1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200, 2000, 3000, 5000,
] as const

/** How often something was counted: a count has bucket 0, a route one for each bound and one more. */
export interface Counted {
  name: string
  bucket: number
  count: number
}

/** What this instance has counted since it last told the database. */
export interface Counters {
  /** Counts one. */
  count(name: CountName): void
  /** Counts the answer of a route into the bucket of its time. */
  time(route: string, ms: number): void
  /** Takes everything away, to be stored. */
  take(): Counted[]
  /** Gives back what could not be stored. */
  give(counted: Counted[]): void
}

/** Starts counting at nothing. */
export function createCounters(): Counters {
  let counts = new Map<string, Counted>()
  const add = (name: string, bucket: number, by: number) => {
    const key = `${bucket} ${name}`
    const counted = counts.get(key)
    if (counted === undefined) counts.set(key, { name, bucket, count: by })
    else counted.count += by
  }
  return {
    count: (name) => add(name, 0, 1),
    time: (route, ms) => add(route, bucketOf(ms), 1),
    take() {
      const taken = [...counts.values()]
      counts = new Map()
      return taken
    },
    give: (counted) => counted.forEach(({ name, bucket, count }) => add(name, bucket, count)),
  }
}

function bucketOf(ms: number): number {
  const bucket = TIME_BOUNDS_MS.findIndex((bound) => ms <= bound)
  return bucket < 0 ? TIME_BOUNDS_MS.length : bucket
}
