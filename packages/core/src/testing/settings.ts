import type { SettingValues } from '../settings/registry.ts'
import type { Settings } from '../settings/snapshot.ts'

/** Puts these values in force on one instance, as a revision would, and the default of everything else. */
export function putInForce(settings: Settings, values: Partial<SettingValues>): void {
  const stored = { values, overrides: {} }
  settings.apply({ number: settings.revision() + 1, at: settings.now(), stored, askedAt: performance.now() })
}
