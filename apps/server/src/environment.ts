import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SettingValues } from '@latchkey/core'
import { SETTING_NAMES } from '@latchkey/core'
import type { z } from 'zod'
import { givenVariables } from './environment/given.ts'
import { lockOf, readLockedSettings } from './environment/locked-settings.ts'
import { fileOf, readSecretFiles } from './environment/secret-files.ts'
import { unknownNames } from './environment/unknown-names.ts'
import { notesOf, VARIABLE_NAMES, type VariableName, Variables, type VariableValues } from './environment/variables.ts'
import { StartError } from './start-error.ts'

/** What is fixed at the start, read from the environment and checked. */
export interface Environment {
  production: boolean
  host: string
  /** 0: any free one. */
  port: number
  /** Undefined in the local set-up only: `http://localhost:PORT`. */
  publicUrl: string | undefined
  /** Undefined: the embedded PostgreSQL. */
  databaseUrl: string | undefined
  databasePool: number
  /** Connections of clients at most. */
  connectionsMax: number
  /** Processes that serve together. */
  workers: number
  migrate: boolean
  dataDir: string
  /** Undefined outside production only: made by itself and kept. */
  secret: string | undefined
  /** Undefined: the secret is not being changed. */
  previousSecret: string | undefined
  audience: string | undefined
  corsOrigins: string[]
  rateLimits: boolean
  /** IP addresses and ranges. */
  trustedProxies: string[]
  /** Undefined: the host's name and the port. */
  instanceName: string | undefined
  /** The first admin, to be made while there is none. */
  bootstrapAdmin: { email: string; password: string } | undefined
  /** Undefined: metrics have no port of their own. */
  metricsPort: number | undefined
  metricsHost: string
  /** Undefined: metrics are not to be had on the port of the API. */
  metricsToken: string | undefined
  /** Milliseconds; 0: no answer counts as slow. */
  slowRequestMs: number
  logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** Live settings that the environment locks. */
  settings: Partial<SettingValues>
  /** What does not stop the start, but is no doubt not meant. */
  warnings: string[]
}

const SECRETS = VARIABLE_NAMES.filter((name) => notesOf(name).secret)
const KNOWN = [...VARIABLE_NAMES, ...SECRETS.map(fileOf), ...SETTING_NAMES.map(lockOf)]

/**
 * Reads the environment. A variable that is empty counts as not set.
 *
 * @throws StartError one message that names every fault
 */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const given = givenVariables(variables)
  const { values, faults: fileFaults } = readSecretFiles(given, SECRETS)
  const parsed = Variables.safeParse(values)
  const { settings, faults: settingFaults } = readLockedSettings(given, given.NODE_ENV === 'production')
  const faults = [...fileFaults, ...(parsed.error ? faultsOf(parsed.error) : []), ...settingFaults]
  if (!parsed.success || faults.length > 0) throw new StartError(messageOf(faults))
  return { ...environmentOf(parsed.data), settings, warnings: unknownNames(Object.keys(given), KNOWN) }
}

function environmentOf(values: VariableValues): Omit<Environment, 'settings' | 'warnings'> {
  const production = values.NODE_ENV === 'production'
  return {
    production,
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL,
    databaseUrl: values.DATABASE_URL,
    databasePool: values.LATCHKEY_DATABASE_POOL,
    connectionsMax: values.LATCHKEY_CONNECTIONS_MAX,
    workers: values.LATCHKEY_WORKERS,
    migrate: values.LATCHKEY_MIGRATE ?? !production,
    dataDir: values.LATCHKEY_DATA_DIR === undefined ? defaultDataDir() : resolve(values.LATCHKEY_DATA_DIR),
    secret: values.LATCHKEY_SECRET,
    previousSecret: values.LATCHKEY_SECRET_PREVIOUS,
    audience: values.LATCHKEY_AUDIENCE,
    corsOrigins: values.LATCHKEY_CORS_ORIGINS,
    rateLimits: values.LATCHKEY_RATE_LIMITS,
    trustedProxies: values.LATCHKEY_TRUSTED_PROXIES,
    instanceName: values.LATCHKEY_INSTANCE_NAME,
    bootstrapAdmin: bootstrapAdminOf(values),
    metricsPort: values.LATCHKEY_METRICS_PORT,
    metricsHost: values.LATCHKEY_METRICS_HOST,
    metricsToken: values.LATCHKEY_METRICS_TOKEN,
    slowRequestMs: values.LATCHKEY_SLOW_REQUEST_MS,
    logLevel: values.LATCHKEY_LOG_LEVEL ?? (production ? 'info' : 'warn'),
  }
}

/** Both are there or neither: the schema has seen to that. */
function bootstrapAdminOf(values: VariableValues): Environment['bootstrapAdmin'] {
  const { LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: email, LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: password } = values
  return email === undefined || password === undefined ? undefined : { email, password }
}

/** In a checkout its root, whatever folder one starts in, so that data are found again. */
function defaultDataDir(): string {
  const root = resolve(import.meta.dirname, '../../..')
  return join(existsSync(join(root, 'pnpm-workspace.yaml')) ? root : process.cwd(), '.data')
}

/** One sentence for each variable at fault: its first fault is enough to mend it. */
function faultsOf(error: z.ZodError<VariableValues>): string[] {
  const faults = new Map<VariableName, string>()
  for (const { path, message } of error.issues) {
    const name = VARIABLE_NAMES.find((each) => each === path[0])
    if (name !== undefined && !faults.has(name)) faults.set(name, message)
  }
  return [...faults].map(([name, fault]) => `${name} ${fault}. Allowed: ${notesOf(name).allowed}.`)
}

function messageOf(faults: string[]): string {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`
  const lines = faults.map((fault) => `  ${fault}`)
  return [
    `Latchkey does not start: ${count} in its environment.`,
    ...lines,
    'All variables: docs/configuration.md',
  ].join('\n')
}
