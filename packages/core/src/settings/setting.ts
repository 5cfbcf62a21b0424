import type { z } from 'zod'

/** How a setting's number is to be read and shown. */
export type Unit = 'seconds' | 'characters' | 'KiB' | 'count'

/** One live setting, declared once: console, CLI, REST and docs are drawn from it. */
export interface SettingDefinition<T> {
  /** Type and range. */
  schema: z.ZodType<T>
  /** In the local set-up. */
  default: T
  /** In production, where it differs. */
  productionDefault?: T
  unit?: Unit
  /** The heading it stands under. */
  group: string
  /** One or two sentences for the operator. */
  help: string
}

/** Declares a setting; only there to infer its type. */
export function setting<T>(definition: SettingDefinition<T>): SettingDefinition<T> {
  return definition
}
