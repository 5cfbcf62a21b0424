import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Environment } from '../../environment.ts'
import { checkOf, type Finding } from './finding.ts'

const GIB = 2 ** 30
const FREE_WARNING = GIB
const FREE_FAILURE = GIB / 10

/**
 * Free space where data are kept. Of a database that is elsewhere nothing can be known from here.
 *
 * @param folder where the embedded PostgreSQL has its data, if it said so: as root that is not below the data folder
 */
export async function diskFinding({ dataDir, databaseUrl }: Environment, folder: string | null): Promise<Finding> {
  const { ok, warning, failure } = checkOf('disk')
  const place = databaseUrl === undefined && folder !== null ? folder : dataDir
  const free = await freeBytes(place)
  const says = `${(free / GIB).toFixed(1)} GiB are free in ${place}.`
  const remedy = 'Make room, or move the data folder (LATCHKEY_DATA_DIR): a full disk stops the database.'
  if (databaseUrl !== undefined) return ok(`${says} The database keeps its data elsewhere: look there, too.`)
  if (free < FREE_FAILURE) return failure(says, remedy)
  return free < FREE_WARNING ? warning(says, remedy) : ok(says)
}

/** Of a folder, or of the one that it will be made in. */
async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch (error) {
    if (dirname(folder) === folder) throw error
    return await freeBytes(dirname(folder))
  }
}
