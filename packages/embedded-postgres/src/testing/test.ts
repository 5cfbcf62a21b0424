import { chmod, chown, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test as base, vi } from 'vitest'
import { withConnection } from '../connection.ts'
import { claimDataDir, findHome, type Home, removeDataDir } from '../home.ts'
import { findPostmaster, stopPostmaster } from '../postmaster.ts'
import { readPostmasterFile } from '../postmaster-file.ts'
import { canEnter, isRoot, type SystemUser } from '../system-user.ts'
import { type Owner, type OwnerOptions, startOwner } from './owners.ts'

// Creating a database takes half a second on an idle machine; two packages under test at once make it many.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

interface Fixtures {
  /** A folder of the test, which any user may enter. */
  folder: string
  /** Makes the path of a data directory, which goes after the test, and its server with it. */
  dataDir: (name?: string) => string
  /** Starts another process that uses a data directory (dataDir()); killed after the test if it still runs. */
  owner: (dataDir?: string, options?: OwnerOptions) => Owner
}

export { expect } from 'vitest'

export const test = base.extend<Fixtures>({
  folder: async ({ task }, use) => {
    const folder = await mkdtemp(join(tmpdir(), `latchkey-${task.id}-`))
    await chmod(folder, 0o755)
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
  dataDir: async ({ folder }, use) => {
    const made = new Set<string>()
    await use((name = 'postgres') => {
      made.add(join(folder, name))
      return join(folder, name)
    })
    for (const dataDir of made) await clearAway(dataDir)
  },
  owner: async ({ dataDir: makeDataDir }, use) => {
    const owners: Owner[] = []
    await use((dataDir = makeDataDir(), options) => {
      const owner = startOwner(dataDir, options)
      owners.push(owner)
      return owner
    })
    for (const owner of owners) await owner.kill('SIGKILL')
  },
})

/** A user without rights, to run owners as when we are root; otherwise they run as ourselves. */
export async function ordinaryUser(): Promise<SystemUser | undefined> {
  if (!isRoot()) return undefined
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(await readFile('/etc/passwd', 'utf8')) ?? []
  return { name: 'nobody', uid: Number(uid), gid: Number(gid) }
}

/** Whether owners can run as that user: not so in a checkout that other users cannot enter, below /root say. */
export const ordinaryUserCanRun = await reachesCheckout(await ordinaryUser())

/** Makes a folder that the user owns. */
export async function folderOf(user: SystemUser | undefined, path: string): Promise<string> {
  await mkdir(path)
  if (user) await chown(path, user.uid, user.gid)
  return path
}

export const homeOf = async (dataDir: string): Promise<Home> => findHome(await claimDataDir(dataDir))

export async function postmasterPidOf(dataDir: string): Promise<number> {
  return readPostmasterFile(join((await homeOf(dataDir)).folder, 'data'))!.pid
}

/** One value of the server that a URL leads to. */
export async function ask(url: string, query: string): Promise<unknown> {
  const { rows } = await withConnection(url, (client) => client.query<unknown[]>({ text: query, rowMode: 'array' }))
  return rows[0]?.[0]
}

async function reachesCheckout(user: SystemUser | undefined): Promise<boolean> {
  return !user || ((await canEnter(user, import.meta.dirname)) && (await canEnter(user, dirname(process.execPath))))
}

async function clearAway(dataDir: string): Promise<void> {
  try {
    const home = await homeOf(dataDir)
    const running = await findPostmaster(home)
    if (running) await stopPostmaster(home, running)
    await removeDataDir(dataDir)
  } catch {
    // A test left something there that is not ours.
  }
}
