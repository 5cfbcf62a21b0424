import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import type { Settings } from '../settings/snapshot.ts'
import { type AttemptLimits, createAttemptLimits } from './attempts.ts'
import { createRefreshLimits, type RefreshLimits } from './refreshes.ts'
import { createSharedCounters } from './shared-counters.ts'

/** Every limit that answers 429. Their numbers are live settings. */
export interface Limits extends AttemptLimits, RefreshLimits {}

/** What {@link createLimits} needs. */
export interface LimitsOptions {
  db: Database
  clock: Clock
  settings: Settings
  /** Hears of each refusal: the limit's name. */
  limited: (name: string) => void
}

/** Makes the limits of this instance. */
export function createLimits(options: LimitsOptions): Limits {
  return {
    ...createAttemptLimits(createSharedCounters(options), options.settings),
    ...createRefreshLimits(options),
  }
}

/** No limit at all: for tests and benches. */
export const UNLIMITED: Limits = {
  login: () => Promise.resolve([]),
  password: () => Promise.resolve([]),
  register: () => Promise.resolve(),
  giveBack: () => Promise.resolve(),
  givenBack() {},
  refresh() {},
  refreshed() {},
}
