import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { EmbeddedPostgresError } from './error.ts'

/**
 * The password of the embedded PostgreSQL: random, made once, kept in a file that only its owner can read.
 *
 * @throws EmbeddedPostgresError when it is missing and the data are there
 */
export async function keepPassword(home: string): Promise<string> {
  const file = join(home, 'password')
  if (!existsSync(file) && existsSync(join(home, 'data'))) {
    throw new EmbeddedPostgresError(`${file}, the password of its data, is gone`, 'put it back from a backup')
  }
  if (!existsSync(file)) await writeSafely(file, randomBytes(24).toString('base64url'))
  await chmod(file, 0o600)
  return await readFile(file, 'utf8')
}

/** On the disk before the database that needs it: a crash between the two must not leave data that nobody can open. */
async function writeSafely(file: string, text: string): Promise<void> {
  const unfinished = await open(`${file}.unfinished`, 'w', 0o600)
  try {
    await unfinished.writeFile(text)
    await unfinished.sync()
  } finally {
    await unfinished.close()
  }
  await rename(`${file}.unfinished`, file)
}
