import type { CoreOptions, Log } from '@latchkey/core'
import type { Environment } from './environment.ts'
import { keepRootSecret } from './root-secret.ts'

/** What the environment leaves open for {@link coreOptions}. */
export interface Circumstances {
  databaseUrl: string
  /** The port that is really listened on, or would be. */
  port: number
  log: Log
}

/** What the domain is opened with: the same for the server and for every command beside it. */
export async function coreOptions(
  environment: Environment,
  { databaseUrl, port, log }: Circumstances,
): Promise<CoreOptions> {
  const { production, secret, dataDir, publicUrl, audience, settings, databasePool, rateLimits, workers } = environment
  return {
    databaseUrl,
    rootSecret: secret ?? (await keepRootSecret(dataDir)),
    issuer: publicUrl ?? `http://localhost:${port}`,
    ...(audience !== undefined && { audience }),
    production,
    settings,
    poolSize: databasePool,
    processes: workers,
    rateLimits,
    log,
  }
}
