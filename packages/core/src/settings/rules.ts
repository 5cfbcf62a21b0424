import type { SettingName, SettingValues } from './registry.ts'

/** What must hold between settings. Its sentence is what a person who breaks it reads. */
export interface SettingRule {
  names: SettingName[]
  holds(values: SettingValues): boolean
  sentence: string
}

/** Combinations that cannot work. What merely follows from a value (the grace in force) is computed, never refused. */
export const RULES: SettingRule[] = [
  {
    names: ['ACCESS_TOKEN_LIFETIME', 'REFRESH_TOKEN_LIFETIME'],
    holds: (values) => values.ACCESS_TOKEN_LIFETIME <= values.REFRESH_TOKEN_LIFETIME,
    sentence: 'ACCESS_TOKEN_LIFETIME cannot be longer than REFRESH_TOKEN_LIFETIME.',
  },
]
