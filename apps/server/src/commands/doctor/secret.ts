import type { Environment } from '../../environment.ts'
import { readRootSecret } from '../../root-secret.ts'
import { StartError } from '../../start-error.ts'
import { checkOf, type Finding } from './finding.ts'

/** Where the root secret comes from. Whether it is the right one the keys tell. */
export async function secretFinding({ secret, dataDir, databaseUrl }: Environment): Promise<Finding> {
  const { ok, note, failure } = checkOf('root_secret')
  if (secret !== undefined) return ok('The environment gives it.')
  try {
    if ((await readRootSecret(dataDir)) !== undefined) return ok(`It is kept in ${dataDir}.`)
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return failure(
      error.message,
      'Put the file back, or set LATCHKEY_SECRET to what it held: no server starts without.',
    )
  }
  const first = `There is none in ${dataDir} yet.`
  if (databaseUrl === undefined) return note(first, 'The first start makes it.')
  return note(first, 'The first start makes it; if several serve with this database, set LATCHKEY_SECRET for all.')
}
