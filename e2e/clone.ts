import { execFileSync, spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { descendants, freePort, isAlive, type Process, REPOSITORY, shellEnvironment, type User } from './machine.ts'

const READY_MS = 170_000
const STOP_MS = 15_000

/** A fresh clone of this repository, in a folder of its own. */
export interface Clone {
  readonly folder: string
  readonly user: User | undefined
  remove(): void
}

/** `npm start` in a clone, from when it has said that it is ready, and is. */
export interface Running {
  readonly url: string
  /** From the command to the first answer of `/readyz`. */
  readonly milliseconds: number
  /** What it has printed so far, npm's own lines too. */
  printed(): string
  /** Sends SIGTERM to npm, and to nothing else, and waits until all that it ran has ended. */
  stop(): Promise<Stopped>
}

/** The names of what ran below npm, and of what still does. */
export interface Stopped {
  readonly started: string[]
  readonly left: string[]
}

/** Clones what is committed. The path has a space in it, and mkdtemp makes a folder that others cannot enter. */
export function cloneFresh({ user }: { user?: User } = {}): Clone {
  const parent = mkdtempSync(join(tmpdir(), 'latchkey e2e '))
  const folder = join(parent, 'latchkey')
  execFileSync('git', ['clone', '--quiet', REPOSITORY, folder], { stdio: ['ignore', 'ignore', 'inherit'] })
  if (user) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, parent])
  return { folder, user, remove: () => removeWithData(parent, folder) }
}

/** An unprivileged user of this system, with a home folder of its own for this test. Only root can make one. */
export function makeUser(): User & { remove(): void } {
  const [uid = 0, gid = 0] = ['-u', '-g'].map((flag) =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' })),
  )
  const home = mkdtempSync(join(tmpdir(), 'latchkey-home-'))
  execFileSync('chown', [`${uid}:${gid}`, home])
  return { uid, gid, home, remove: () => rmSync(home, { recursive: true, force: true }) }
}

/** Runs `npm start` on a free port as a person would, and waits until it is ready. */
export async function npmStart({ folder, user }: Clone): Promise<Running> {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const began = performance.now()
  const child = spawn('npm', ['start'], {
    cwd: folder,
    env: { ...shellEnvironment(user), PORT: String(port) },
    // A session of its own has no terminal, as under a supervisor.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(user && { uid: user.uid, gid: user.gid }),
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const pid = child.pid
  if (pid === undefined) throw new Error('npm cannot be run')

  // The first probe comes after the line to paste: a person has asked nothing before, and an early probe may log.
  while (!output.includes('\ncurl ') || !(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`npm start ended with code ${child.exitCode}:\n${output}`)
    if (performance.now() - began > READY_MS) {
      process.kill(-pid, 'SIGTERM')
      throw new Error(`npm start is not ready after ${READY_MS / 1000} s:\n${output}`)
    }
    await setTimeout(20)
  }
  const milliseconds = Math.round(performance.now() - began)

  let stopped: Promise<Stopped> | undefined
  return { url, milliseconds, printed: () => output, stop: () => (stopped ??= stop(pid)) }
}

async function stop(npm: number): Promise<Stopped> {
  const started = descendants(npm)
  process.kill(npm, 'SIGTERM')
  const until = performance.now() + STOP_MS
  while (started.some(isAlive) && performance.now() < until) await setTimeout(50)
  const names = (processes: Process[]) => processes.map(({ name }) => name)
  return { started: names(started), left: names(started.filter(isAlive)) }
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`).catch(() => undefined)
  await answer?.body?.cancel()
  return answer?.status === 200
}

/** As root, the data of a clone in a folder that PostgreSQL's user cannot enter lie elsewhere. */
function removeWithData(parent: string, folder: string): void {
  for (const note of globSync('.data/**/lies-elsewhere.txt', { cwd: folder })) {
    const elsewhere = readFileSync(join(folder, note), 'utf8').trim()
    if (elsewhere.startsWith('/var/lib/latchkey/')) rmSync(elsewhere, { recursive: true, force: true })
  }
  rmSync(parent, { recursive: true, force: true })
}
