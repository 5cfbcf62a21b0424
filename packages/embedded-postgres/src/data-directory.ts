import { type SpawnOptionsWithStdioTuple, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Binaries } from './binaries.ts'
import { renameDurably } from './durable-file.ts'
import { EmbeddedPostgresError, explained, explainedOutput } from './error.ts'
import { type Home, makePrivateFolder } from './home.ts'
import { programOptions } from './program.ts'

const MAJOR_VERSION = '18'

/**
 * Independent of the locales that the system has, and the same everywhere: text in UTF-8, sorted by code point, upper
 * and lower case of all scripts by PostgreSQL's own tables.
 */
const LOCALE = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']

/** Where the data of a home lie: PostgreSQL's own name for it is PGDATA. */
export const dataFolderOf = ({ folder }: Home): string => join(folder, 'data')

/** @throws EmbeddedPostgresError when the data were made by another major version */
export async function checkVersion(home: Home): Promise<void> {
  const data = dataFolderOf(home)
  if (!existsSync(data)) return
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => 'unknown')
  if (version.trim() === MAJOR_VERSION) return
  throw new EmbeddedPostgresError(
    `${data} was made by PostgreSQL ${version.trim()}, and this is ${MAJOR_VERSION}`,
    'move its content over with pg_dump of that version',
  )
}

/**
 * Makes a new database cluster. It is made under another name and moved into place when it is whole and on the disk: one
 * that was cut short is never taken for a database, and is made again.
 */
export async function initialise(
  home: Home,
  binaries: Binaries,
  password: string,
  durable: 'durable' | 'fleeting',
): Promise<void> {
  await removeUnfinished(home)
  const unfinished = join(home.folder, `data.unfinished-${randomBytes(4).toString('hex')}`)
  const passwordFile = `${unfinished}.password`
  try {
    await makePrivateFolder(unfinished, home.systemUser)
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (home.systemUser) await chown(passwordFile, home.systemUser.uid, home.systemUser.gid)
    await runInitdb(home, binaries, [
      `--pgdata=${unfinished}`,
      '--username=latchkey',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      ...LOCALE,
      '--no-instructions',
      ...(durable === 'durable' ? [] : ['--no-sync']),
    ])
    await renameDurably(unfinished, dataFolderOf(home))
  } catch (fault) {
    await removeUnfinished(home)
    throw explained(fault, home.folder)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

async function runInitdb(home: Home, { initdb }: Binaries, args: string[]): Promise<void> {
  const options: SpawnOptionsWithStdioTuple<'ignore', 'ignore', 'pipe'> = {
    ...programOptions(home),
    stdio: ['ignore', 'ignore', 'pipe'],
  }
  const child = spawn(initdb, args, options)
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const [code, complaints] = await Promise.all([ended, text(child.stderr)])
  if (code !== 0) throw explainedOutput('initdb', complaints)
}

/** What an initdb left that was killed. One that still runs (we were killed, it was not) fails for want of its folder. */
async function removeUnfinished({ folder }: Home): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith('data.unfinished-')) continue
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined)
  }
}
