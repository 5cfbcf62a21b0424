import type { SettingName, SettingValues } from './registry.ts'

/** What must hold between settings. Its sentence is what a person who breaks it reads. */
export interface SettingRule {
  names: SettingName[]
  holds(values: SettingValues): boolean
  sentence: string
}

/** KiB of memory times passes of a hash: about 1.6 s on a slow machine. Nobody could log in with one much dearer. */
const HASH_COST_MAX = 3 * 1_048_576

/** Combinations that cannot work. What merely follows from a value (the grace in force) is computed, never refused. */
export const RULES: SettingRule[] = [
  {
    names: ['ACCESS_TOKEN_LIFETIME', 'REFRESH_TOKEN_LIFETIME'],
    holds: (values) => values.ACCESS_TOKEN_LIFETIME <= values.REFRESH_TOKEN_LIFETIME,
    sentence: 'ACCESS_TOKEN_LIFETIME cannot be longer than REFRESH_TOKEN_LIFETIME.',
  },
  {
    names: ['PASSWORD_HASH_MEMORY', 'PASSWORD_HASH_ITERATIONS'],
    holds: (values) => values.PASSWORD_HASH_MEMORY * values.PASSWORD_HASH_ITERATIONS <= HASH_COST_MAX,
    sentence: `PASSWORD_HASH_MEMORY times PASSWORD_HASH_ITERATIONS cannot be more than ${HASH_COST_MAX.toLocaleString('en-US')} KiB: a login would take too long.`,
  },
]
