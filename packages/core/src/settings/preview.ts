import type { Core } from '../core.ts'
import { refuseConflict } from './conflict.ts'
import { type Effect, effectsOf } from './effects.ts'
import type { ChangeView } from './history.ts'
import { planChange, planRollback, type Plan } from './plan.ts'
import { type Newest, readNewest, revisionToRestore } from './stored-revision.ts'
import { storedText } from './text.ts'
import { parseSettings, type SettingsInput } from './wanted.ts'

/** What a save would do. */
export interface Preview {
  /** The revision that this was worked out on. */
  base: number
  /** The values in force on this instance before and after. */
  changes: ChangeView[]
  effects: Effect[]
}

/** Milliseconds, from the beginning of a preview, within which it counts: the edge waits 2.9 seconds for an answer. */
const COUNTING_MS = 2000

/**
 * Works out what a save, or a rollback to a revision, would do, in figures from the database. Changes nothing.
 *
 * @throws LatchkeyError what saving would throw
 */
export async function previewSettings(core: Core, input: SettingsInput | { to: number }): Promise<Preview> {
  const deadline = performance.now() + COUNTING_MS
  const wanted = 'to' in input ? undefined : parseSettings(core.settings, input)
  const newest = await readNewest(core.db, core)
  if (!('to' in input) && input.base !== undefined && wanted !== undefined) {
    await refuseConflict(core.db, newest, input.base, wanted.values)
  }
  const plan =
    wanted === undefined ? await planOfRollback(core, newest, input) : planChange(core.settings, newest, wanted)
  return {
    base: newest.number,
    changes: plan.effective.map((change) => ({
      ...change,
      fromText: storedText(change.name, change.from),
      toText: storedText(change.name, change.to),
    })),
    effects: await effectsOf(core, plan, deadline),
  }
}

async function planOfRollback(core: Core, newest: Newest, input: SettingsInput | { to: number }): Promise<Plan> {
  const to = 'to' in input ? input.to : 0
  return planRollback(core.settings, newest, await revisionToRestore(core.db, to))
}
