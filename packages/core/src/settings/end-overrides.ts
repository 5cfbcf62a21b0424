import { SYSTEM } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import type { Runner } from '../database/database.ts'
import { endedOverrides, overrideOf, storedValue, withoutOverrides } from './stored.ts'
import { lockNewest, type Newest, writeRevision } from './stored-revision.ts'

/**
 * Writes the revision by which overrides end whose time is over, if nobody has. Every instance tries, at their moment, at
 * each look and at each load: the lock lets one in after the other, and all but the first find nothing to do.
 *
 * @throws LatchkeyError `unavailable`
 */
export async function endOverrides(core: Core): Promise<void> {
  const askedAt = performance.now()
  const newest = await core.db.transaction(async (transaction) =>
    endOverridesIn(transaction, core, await lockNewest(transaction, core)),
  )
  core.settings.apply({ ...newest, askedAt })
}

/** As {@link endOverrides}, in a transaction that holds the lock. */
export async function endOverridesIn(transaction: Runner, core: Core, newest: Newest): Promise<Newest> {
  const { stored, now } = newest
  const names = endedOverrides(stored, now)
  if (names.length === 0) return newest
  const after = withoutOverrides(stored, names)
  const changes = names.map((name) => {
    const from = overrideOf(stored, name)?.value
    return { name, from, to: storedValue(after, name, now) }
  })
  return await writeRevision(transaction, core, newest, {
    kind: 'override_ended',
    stored: after,
    changes,
    actor: SYSTEM,
  })
}
