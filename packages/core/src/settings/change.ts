import { holdAdmin } from '../admins/authorize.ts'
import type { Actor } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { refuseConflict } from './conflict.ts'
import { endOverridesIn } from './end-overrides.ts'
import { type EffectiveChange, type Plan, planChange, planRollback, restoredValues } from './plan.ts'
import { lockNewest, type Newest, revisionToRestore, writeRevision } from './stored-revision.ts'
import { checkReason, parseSettings, type SettingsInput } from './wanted.ts'

/** What a save has done. */
export interface Saved {
  /** The number of the new revision; that of the newest one where nothing was to be changed. */
  revision: number
  changes: EffectiveChange[]
}

/**
 * Saves one revision with all these changes, and puts it in force here at once, everywhere within a second.
 *
 * @throws LatchkeyError `invalid_input` (`setting_unknown`, `setting_invalid`, `setting_locked`, `setting_rule_broken`,
 * `changes_empty`), `revision_conflict` with the difference, and what `holdAdmin` throws
 */
export async function saveSettings(core: Core, input: SettingsInput & { base: number }, actor: Actor): Promise<Saved> {
  const wanted = parseSettings(core.settings, input)
  return await save(core, actor, async (transaction, { asSeen, newest }) => {
    await refuseConflict(transaction, asSeen, input.base, wanted.values)
    const plan = planChange(core.settings, newest, wanted)
    if (plan.changes.length === 0) return { newest, plan }
    const revision = { kind: 'change' as const, ...plan, actor, reason: input.reason }
    return { newest: await writeRevision(transaction, core, newest, revision), plan }
  })
}

/**
 * Brings back, as a new revision, the values that were in force at an earlier one. Timed overrides of then are plain
 * values now; those of now end. Where they are in force already, there is no new revision.
 *
 * @param input.to the revision to bring back; 0 is the state before the first
 * @throws LatchkeyError `not_found`, `invalid_input`, `revision_conflict`, and what `holdAdmin` throws
 */
export async function rollbackSettings(
  core: Core,
  { to, base, reason }: { to: number; base: number; reason?: string | undefined },
  actor: Actor,
): Promise<Saved> {
  checkReason(reason)
  return await save(core, actor, async (transaction, { asSeen, newest }) => {
    const old = await revisionToRestore(transaction, to)
    const plan = planRollback(core.settings, newest, old)
    await refuseConflict(transaction, asSeen, base, restoredValues(plan, asSeen))
    if (plan.changes.length === 0) return { newest, plan }
    const revision = { kind: 'rollback' as const, ...plan, actor, reason, restores: to }
    return { newest: await writeRevision(transaction, core, newest, revision), plan }
  })
}

/** What there is when a save begins. */
interface Found {
  /** What whoever saves can have seen: an override that was over, but not written down, counts as no change of others. */
  asSeen: Newest
  newest: Newest
}

async function save(
  core: Core,
  actor: Actor,
  work: (transaction: Runner, found: Found) => Promise<{ newest: Newest; plan: Plan }>,
): Promise<Saved> {
  const askedAt = performance.now()
  const { newest, plan } = await core.db.transaction(async (transaction) => {
    const asSeen = await lockNewest(transaction, core)
    // Not before the lock: it may have been waited for, and who waited may be no admin any more.
    if (actor.kind === 'admin') await holdAdmin(transaction, core, actor)
    return await work(transaction, { asSeen, newest: await endOverridesIn(transaction, core, asSeen) })
  })
  core.settings.apply({ ...newest, askedAt })
  return { revision: newest.number, changes: plan.effective }
}
