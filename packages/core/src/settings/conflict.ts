import type { Runner } from '../database/database.ts'
import { LatchkeyError } from '../errors.ts'
import { NOTHING_STORED, storedChanges, storedValue } from './stored.ts'
import { findRevision, type Newest } from './stored-revision.ts'

/**
 * Refuses a change that was made on another revision than the newest one, with the difference: of each setting that was
 * changed since or that the change wants, the value before, theirs and yours. Null is "not set".
 *
 * Where the revision it was made on is forgotten, nothing is known of the values before: each is null, and the difference
 * names all that is set now.
 *
 * @param yours the values that the change wants
 * @throws LatchkeyError `revision_conflict`; `invalid_input` (`revision_unknown`) for a revision that is still to come
 */
export async function refuseConflict(
  runner: Runner,
  newest: Newest,
  base: number,
  yours: Map<string, unknown>,
): Promise<void> {
  if (base === newest.number) return
  if (base > newest.number) {
    const message = `There is no revision ${base}; the newest one is ${newest.number}.`
    throw new LatchkeyError('invalid_input', { fields: [{ path: ['revision'], code: 'revision_unknown', message }] })
  }
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
