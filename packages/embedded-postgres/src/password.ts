import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from './durable-file.ts'
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
  // On the disk before the data that need it: no crash leaves data that nobody can open.
  if (!existsSync(file)) await writeDurably(file, randomBytes(24).toString('base64url'))
  await chmod(file, 0o600)
  return await readFile(file, 'utf8')
}
