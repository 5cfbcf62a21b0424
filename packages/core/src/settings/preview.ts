import type { Core } from '../core.ts'
import { refuseConflict } from './conflict.ts'
import { type Effect, effectsOf } from './effects.ts'
import type { ChangeView } from './history.ts'
import { type Plan, planChange, planRollback, restoredValues } from './plan.ts'
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
export async function previewSettings(
  core: Core,
  input: SettingsInput | { to: number; base?: number },
): Promise<Preview> {
  const deadline = performance.now() + COUNTING_MS
  const { newest, plan } = 'to' in input ? await plannedRollback(core, input) : await plannedChange(core, input)
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

interface Planned {
  newest: Newest
  plan: Plan
}

async function plannedChange(core: Core, input: SettingsInput): Promise<Planned> {
  const wanted = parseSettings(core.settings, input)
  const newest = await readNewest(core.db, core)
  if (input.base !== undefined) await refuseConflict(core.db, newest, input.base, wanted.values)
  return { newest, plan: planChange(core.settings, newest, wanted) }
}

async function plannedRollback(core: Core, { to, base }: { to: number; base?: number }): Promise<Planned> {
  const newest = await readNewest(core.db, core)
  const plan = planRollback(core.settings, newest, await revisionToRestore(core.db, to))
  if (base !== undefined) await refuseConflict(core.db, newest, base, restoredValues(plan, newest))
  return { newest, plan }
}
