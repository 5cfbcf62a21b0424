import type { Clock } from '../clock.ts'
import type { Settings } from '../settings/snapshot.ts'
import { createRefreshLimits, type RefreshLimits } from './refreshes.ts'

/** Every limit that answers 429. */
export type Limits = RefreshLimits

/** What {@link createLimits} needs. */
export interface LimitsOptions {
  clock: Clock
  settings: Settings
  /** Hears of each refusal: the limit's name. */
  limited: (name: string) => void
}

/** Makes the limits of this instance. */
export function createLimits(options: LimitsOptions): Limits {
  return createRefreshLimits(options)
}

/** No limit at all: for tests and benches. */
export const UNLIMITED: Limits = {
  refresh() {},
  refreshed() {},
}
