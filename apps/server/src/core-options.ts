import type { CoreOptions, Log } from '@latchkey/core'
import type { Environment } from './environment.ts'
import { keepRootSecret } from './root-secret.ts'
import { StartError } from './start-error.ts'

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
  const { production, publicUrl, audience, settings, databasePool, rateLimits, workers } = environment
  return {
    databaseUrl,
    ...(await rootSecrets(environment)),
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

/** The secret of now may be one that is kept, of which the schema of the environment knows nothing. */
async function rootSecrets({
  secret,
  previousSecret,
  dataDir,
}: Environment): Promise<Pick<CoreOptions, 'rootSecret' | 'previousRootSecret'>> {
  const rootSecret = secret ?? (await keepRootSecret(dataDir))
  if (previousSecret === undefined) return { rootSecret }
  if (previousSecret !== rootSecret) return { rootSecret, previousRootSecret: previousSecret }
  throw new StartError(
    `LATCHKEY_SECRET_PREVIOUS is the secret that is kept in ${dataDir}. Set LATCHKEY_SECRET to another one, or take it away.`,
  )
}
