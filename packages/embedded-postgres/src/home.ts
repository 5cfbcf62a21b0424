import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { writeDurably } from './durable-file.ts'
import { EmbeddedPostgresError } from './error.ts'
import { canEnter, chooseSystemUser, isRoot, type SystemUser } from './system-user.ts'

/** Where PostgreSQL of one data directory really lives, and as whom. */
export interface Home {
  /** Holds `data`, `socket`, `password`, the log and, where needed, a copy of the programs. */
  readonly folder: string
  /** Undefined: as ourselves. */
  readonly systemUser: SystemUser | undefined
}

const MARKER = 'made-by-latchkey.txt'
const MARKER_TEXT = 'The embedded PostgreSQL of Latchkey keeps its data here. Do not change anything by hand.\n'
/** In a data directory that its system user cannot reach: the folder that stands in for it. In that one: the way back. */
const STANDS_IN = 'lies-elsewhere.txt'
const STANDS_IN_FOR = 'belongs-to.txt'
const SHARED = '/var/lib/latchkey'
/** What a file system, a git checkout or a desktop leaves in a folder that is empty otherwise. */
const NEGLIGIBLE = new Set(['lost+found', '.gitkeep', '.gitignore', '.DS_Store'])

/**
 * Makes the data directory, or sees that it is one of ours, and gives its true path.
 *
 * @throws EmbeddedPostgresError when it holds something of somebody else
 */
export async function claimDataDir(dataDir: string): Promise<string> {
  await makeFolder(resolve(dataDir))
  const folder = await realpath(dataDir)
  const marker = join(folder, MARKER)
  if (existsSync(marker)) return folder
  const found = (await readdir(folder)).filter((name) => !NEGLIGIBLE.has(name))
  // Looked at once more: another process may have claimed the folder since, and put its files there.
  if (existsSync(marker)) return folder
  if (found.includes('PG_VERSION')) {
    const version = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim()
    throw new EmbeddedPostgresError(
      `${folder} holds the data of another PostgreSQL (version ${version})`,
      'give it an empty folder',
    )
  }
  if (found.length > 0) {
    throw new EmbeddedPostgresError(
      `${folder} holds files that are not of Latchkey (${found.slice(0, 3).join(', ')})`,
      'give it an empty folder',
    )
  }
  await writeFile(marker, MARKER_TEXT)
  // From now on it is ours, with the modes that makeFolder would have given it (a mkdtemp has others).
  if (isRoot()) await chmod(folder, ((await stat(folder)).mode & 0o777) | 0o011)
  return folder
}

/**
 * Finds where the data of this directory lie. That is the directory itself, unless we are root and the system user
 * cannot go there, say below /root: then a folder of /var/lib stands in for it, for good, and each knows the other.
 * Called under the start lock.
 */
export async function findHome(dataDir: string): Promise<Home> {
  const standIn = isRoot() ? await findStandIn(dataDir) : undefined
  const known = standIn ?? (existsSync(join(dataDir, 'data')) ? dataDir : undefined)
  const systemUser = await chooseSystemUser(join(known ?? dataDir, 'data'))
  if (!systemUser) return { folder: dataDir, systemUser }
  const folder = known ?? ((await canEnter(systemUser, dataDir)) ? dataDir : await makeStandIn(dataDir))
  if (await canEnter(systemUser, folder)) return { folder, systemUser }
  throw new EmbeddedPostgresError(
    `the user ${systemUser.name}, as whom PostgreSQL runs here, may not go to ${folder}`,
    'let that user pass through the folders on the way (chmod o+x)',
  )
}

/** Makes a folder for the system user alone, where there is one; for ourselves alone otherwise. */
export async function makePrivateFolder(folder: string, user: SystemUser | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  if (user) await chown(folder, user.uid, user.gid)
}

/** Makes the folder for what root keeps outside of a checkout that other users cannot enter. */
export async function makeSharedFolder(): Promise<string> {
  await makeFolder(SHARED)
  return SHARED
}

/**
 * Removes a data directory whose server has stopped, together with the folder that stands in for it: that one would stay
 * for ever, since nothing tells a checkout that was removed from one that was moved.
 */
export async function removeDataDir(dataDir: string): Promise<void> {
  const named = isRoot() ? await namedStandIn(dataDir) : undefined
  const owner = named && (await readIfThere(join(named, STANDS_IN_FOR)))
  const standIn = owner === (await realpath(dataDir).catch(() => dataDir)) ? named : undefined
  for (const folder of standIn ? [standIn, dataDir] : [dataDir]) await rm(folder, { recursive: true, force: true })
}

async function findStandIn(dataDir: string): Promise<string | undefined> {
  const folder = await namedStandIn(dataDir)
  if (!folder) return undefined
  if (!existsSync(folder)) {
    throw new EmbeddedPostgresError(
      `the data of ${dataDir} lay in ${folder}, which is gone`,
      `put it back, or remove ${join(dataDir, STANDS_IN)} to begin anew`,
    )
  }
  const owner = await readIfThere(join(folder, STANDS_IN_FOR))
  if (owner === dataDir) return folder
  // Either the checkout was moved and still owns its stand-in, or it is a copy of one that does and gets its own.
  if (owner && (await namedStandIn(owner)) === folder) return undefined
  await writeDurably(join(folder, STANDS_IN_FOR), dataDir)
  return folder
}

/** Only its last part counts: whoever may write the file does not send root to any other folder. */
async function namedStandIn(dataDir: string): Promise<string | undefined> {
  const name = basename((await readIfThere(join(dataDir, STANDS_IN))) ?? '')
  return /^[0-9a-f]{12}$/.test(name) ? join(SHARED, name) : undefined
}

async function makeStandIn(dataDir: string): Promise<string> {
  const folder = join(await makeSharedFolder(), randomBytes(6).toString('hex'))
  await makeFolder(folder)
  await writeFile(join(folder, MARKER), MARKER_TEXT)
  await writeDurably(join(folder, STANDS_IN_FOR), dataDir)
  await writeDurably(join(dataDir, STANDS_IN), folder)
  return folder
}

/** As root it stays root's, who keeps the password in it; the system user may only pass through to what it owns. */
async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder) && (await stat(folder)).isDirectory()) return
  await mkdir(dirname(folder), { recursive: true })
  await mkdir(folder).catch(toleratingOneThatIsThere)
  await chmod(folder, isRoot() ? 0o711 : 0o700)
}

function toleratingOneThatIsThere(fault: NodeJS.ErrnoException): void {
  if (fault.code !== 'EEXIST') throw fault
}

const readIfThere = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined)
