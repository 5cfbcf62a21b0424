import type { Core } from '../core.ts'
import { isSettingName } from './registry.ts'
import { readNewest } from './stored-revision.ts'

/**
 * The stored values, by name: what was set and not reset, as JSON. Timed overrides are not among them, because they end
 * by themselves; nor is what this version does not know, because it could not take it back.
 *
 * @throws LatchkeyError `unavailable`
 */
export async function exportSettings(core: Core): Promise<Record<string, unknown>> {
  const { stored } = await readNewest(core.db, core)
  return Object.fromEntries(Object.entries(stored.values).filter(([name]) => isSettingName(name)))
}
