import type { Runner } from '../database/database.ts'
import { LatchkeyError } from '../errors.ts'
import { NOTHING_STORED, storedChanges, storedValue } from './stored.ts'
import { findRevision, type Newest } from './stored-revision.ts'

/**
 * Refuses a change that was made on another revision than the newest one, with the difference.
 *
 * @param yours the values that the change wants
 * @throws LatchkeyError `revision_conflict`
 */
export async function refuseConflict(
  runner: Runner,
  newest: Newest,
  base: number,
  yours: Map<string, unknown>,
): Promise<void> {
  if (base === newest.number) return
  const { stored, now } = newest
  const seen = (await findRevision(runner, base))?.stored ?? NOTHING_STORED
  const names = new Set([...storedChanges(seen, stored, now).map(({ name }) => name), ...yours.keys()])
  const settings = [...names].map((name) => {
    const before = storedValue(seen, name, now)
    const theirs = storedValue(stored, name, now)
    return { name, before, theirs, yours: yours.has(name) ? yours.get(name) : before }
  })
  throw new LatchkeyError('revision_conflict', { conflict: { base, revision: newest.number, settings } })
}
