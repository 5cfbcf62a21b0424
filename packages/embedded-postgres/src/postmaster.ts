import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Address, chooseAddress, isAnswered, removeSocketFolder, socketInside, urlOf } from './address.ts'
import { type Binaries, provideBinaries } from './binaries.ts'
import { type Answer, askPostgres } from './connection.ts'
import { dataFolderOf } from './data-directory.ts'
import { EmbeddedPostgresError, explainedOutput } from './error.ts'
import type { Home } from './home.ts'
import { openLog } from './log-file.ts'
import { isPostmasterOf, isTaken, readPostmasterFile } from './postmaster-file.ts'
import { programOptions } from './program.ts'
import { settingArguments, type Settings } from './settings.ts'

const POLL_MILLISECONDS = 10
/** Recovery after a crash replays at most what max_wal_size (1 GB) lets pile up. */
const START_MILLISECONDS = 10 * 60_000
const STOP_MILLISECONDS = 2 * 60_000
const UNREACHABLE_MILLISECONDS = 5_000
/**
 * Complaints about processes of a killed postmaster, which end within moments; about one that was started by a process
 * that was killed just then; about a free port that another program took before us.
 */
const PASSES = /pre-existing shared memory block|lock file ".*" already exists|could not bind/

/** The postmaster that serves the data of a home, if there is one. */
export interface Postmaster {
  /** Undefined: it runs where we cannot see it, say in another container that shares the folder. */
  readonly pid: number | undefined
  readonly address: Address
}

/** Finds the postmaster that runs on the data, whether it is ready, starting or stopping. */
export async function findPostmaster(home: Home): Promise<Postmaster | undefined> {
  const data = dataFolderOf(home)
  const file = readPostmasterFile(data)
  if (file && isPostmasterOf(data, file.pid)) return file
  const inside = socketInside(home.folder)
  return inside && (await isAnswered(inside)) ? { pid: undefined, address: inside } : undefined
}

/** Waits while it starts, recovers or stops. Tells whether it is ready, has ended, or cannot be reached any more. */
export async function waitForPostmaster(
  home: Home,
  url: string,
  ended: (answer: Answer) => boolean,
): Promise<'ready' | 'ended' | 'unreachable'> {
  for (const since = Date.now(); ; await sleep(POLL_MILLISECONDS)) {
    const isReady = readPostmasterFile(dataFolderOf(home))?.isReady
    const answer = isReady === false ? 'not yet' : await askPostgres(url)
    if (answer === 'ready' || answer === 'no such database') return 'ready'
    if (ended(answer)) return 'ended'
    const waited = Date.now() - since
    // Somebody removed its socket, a cleaner of /tmp say.
    if (answer === 'nobody' && isReady && waited > UNREACHABLE_MILLISECONDS) return 'unreachable'
    if (waited > START_MILLISECONDS) throw new EmbeddedPostgresError('it still recovers its data', 'start again later')
  }
}

/** Whether a postmaster that was found has ended since. */
export function hasEnded(home: Home, { pid }: Postmaster, answer: Answer): boolean {
  return pid === undefined ? answer === 'nobody' : !isPostmasterOf(dataFolderOf(home), pid)
}

/** Why a postmaster gave up, for a reason that passes by itself. */
export interface Refusal {
  readonly passing: EmbeddedPostgresError
}

/** Starts a postmaster on the data of the home and waits until it can be used. Starts with clearing up after a dead one. */
export async function startPostmaster(
  home: Home,
  binaries: Binaries,
  settings: Settings,
  password: string,
  platform = process.platform,
): Promise<Postmaster | Refusal> {
  await forgetDead(home)
  const address = await chooseAddress(home, platform)
  const log = await openLog(home)
  try {
    const child = await launch(home, binaries, settingArguments(address, settings), log.descriptor)
    const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
    const outcome = await waitForPostmaster(home, urlOf(address, password, 'postgres'), ended)
    if (outcome === 'ready') return { pid: child.pid, address }
    await removeSocketFolder(address)
    const output = await log.written()
    const refusal = explainedOutput('postgres', output, log.path)
    if (PASSES.test(output)) return { passing: refusal }
    throw refusal
  } finally {
    await log.close()
  }
}

/** Stops it: clients are cut off, what was committed is on the disk, and the next start has nothing to recover. */
export async function stopPostmaster(home: Home, { pid, address }: Postmaster): Promise<void> {
  if (pid === undefined) return
  await interrupt(home, pid)
  for (const since = Date.now(); isPostmasterOf(dataFolderOf(home), pid); await sleep(POLL_MILLISECONDS)) {
    if (Date.now() - since > STOP_MILLISECONDS) throw new EmbeddedPostgresError('it does not stop', 'see its log')
  }
  await removeSocketFolder(address)
}

/**
 * In a session of its own: a Ctrl-C in the terminal reaches us, who may have requests to finish, and not PostgreSQL.
 * It writes to its log and to nothing of ours, and does not keep our process alive.
 */
async function launch(home: Home, { postgres }: Binaries, settings: string[], log: number): Promise<ChildProcess> {
  const options: SpawnOptions = { ...programOptions(home), detached: true, stdio: ['ignore', log, log] }
  const child = spawn(postgres, ['-D', dataFolderOf(home), ...settings], options)
  await once(child, 'spawn')
  child.unref()
  return child
}

/**
 * Takes away what a killed postmaster left and PostgreSQL would stumble over: it believes the pid in a file as long as
 * any process has it. Processes of the dead one that still use the data it finds by their shared memory, file or not.
 */
async function forgetDead(home: Home): Promise<void> {
  const file = readPostmasterFile(dataFolderOf(home))
  if (file && isTaken(file.pid)) await rm(join(dataFolderOf(home), 'postmaster.pid'))
  if (file) await removeSocketFolder(file.address)
  const inside = socketInside(home.folder)
  if (inside) await rm(inside.host, { recursive: true, force: true })
}

async function interrupt(home: Home, pid: number): Promise<void> {
  if (process.platform !== 'win32') {
    if (isTaken(pid)) process.kill(pid, 'SIGINT')
    return
  }
  const { pgCtl } = await provideBinaries(home)
  execFileSync(pgCtl, ['kill', 'INT', String(pid)])
}
