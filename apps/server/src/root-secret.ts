import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from './start-error.ts'

/** Characters that a root secret has at least, whoever made it. */
export const SECRET_LENGTH_MIN = 32

/**
 * The root secret of a local set-up: made once, kept for its owner alone, and the same for every process that asks.
 *
 * @throws StartError when the folder cannot be written, or the file holds something else
 */
export async function keepRootSecret(dataDir: string): Promise<string> {
  return (await readRootSecret(dataDir)) ?? (await checked(dataDir, (path) => make(path, dataDir)))
}

/**
 * The root secret that is kept there, if there is one. It makes none.
 *
 * @throws StartError when the file cannot be read, or holds something else
 */
export function readRootSecret(dataDir: string): Promise<string | undefined> {
  return checked(dataDir, readIfThere)
}

async function checked<Secret extends string | undefined>(
  dataDir: string,
  read: (path: string) => Promise<Secret>,
): Promise<Secret> {
  const path = join(dataDir, 'secret')
  const secret = await read(path).catch((error: unknown) => {
    throw new StartError(`The root secret cannot be kept in ${path} (${codeOf(error)}). ${REMEDY}`, { cause: error })
  })
  if (secret === undefined || secret.length >= SECRET_LENGTH_MIN) return secret
  throw new StartError(
    `${path} does not hold a root secret of ${SECRET_LENGTH_MIN} characters. Put it back from a backup. ${REMEDY}`,
  )
}

const REMEDY = 'Make the folder writable, choose another by LATCHKEY_DATA_DIR, or set LATCHKEY_SECRET.'

/**
 * Makes the secret beside its place and links it there. The link fails if another process came first, whose secret it
 * then is; and nobody ever reads half a file, as one that was created in its place could be.
 */
async function make(path: string, dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true })
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(36).toString('base64url')}\n`)
    await file.sync()
    await link(draft, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    await file.close()
    await rm(draft, { force: true })
  }
  return (await readFile(path, 'utf8')).trim()
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown')
