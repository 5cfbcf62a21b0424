import { execFile } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { memoryOf } from './cpu.ts'
import { type Database, databaseOf } from './database.ts'
import { connection } from './http.ts'
import { seed } from './measure.ts'
import type { User } from './operations.ts'
import { median } from './results.ts'
import { startServer } from './server.ts'
import { SYSTEMS } from './systems.ts'

const IDLE_SOCKETS = 2000
const UPLOADS = 100
const USERS = 100
/** Refreshes a second, at their times whether or not the last one is answered: so waiting counts. */
const RATE = 200
const SECONDS = 5
const ROUNDS = 5

interface Phase {
  p50: number
  p99: number
  memoryMiB: number
  wrong: number
}

/** Looks whether silent connections, and bodies a thousand times too large, are felt by others. Lines for people. */
export async function crowd(database: Database): Promise<string> {
  const url = await database.create(databaseOf('crowd'))
  const server = await startServer('crowd', SYSTEMS.ours, url)
  try {
    const users = await seed(SYSTEMS.ours, server, USERS, 8)
    await steadily(server.port, users)
    const memoryBefore = memoryOf(server.pid)
    const phases = new Map<string, Phase[]>()
    const phase = async (name: string) => {
      const { times, wrong } = await steadily(server.port, users)
      const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
      const measured = { p50: at(0.5), p99: at(0.99), memoryMiB: memoryOf(server.pid) - memoryBefore, wrong }
      phases.set(name, [...(phases.get(name) ?? []), measured])
    }
    let answers = ''
    for (let round = 0; round < ROUNDS; round++) {
      await phase('alone')
      const idle = await Promise.all(Array.from({ length: IDLE_SOCKETS }, () => opened(server.port)))
      // Not how they are opened, but that they are there.
      await delay(1000)
      await phase(`${IDLE_SOCKETS} idle connections`)
      for (const socket of idle) socket.destroy()
      await phase('alone')
      const uploading = uploads(server.port)
      await phase(`${UPLOADS} uploads of 64 MB`)
      answers = await uploading
    }
    const header = [
      '| | p50, ms | p99, ms | p99 of each round | memory against before, MiB | wrong |',
      '| --- | --- | --- | --- | --- | --- |',
    ]
    return [...header, ...[...phases].map(rowOf), '', `Uploads were answered with ${answers}.`].join('\n')
  } finally {
    await server.stop()
  }
}

function rowOf([name, rounds]: [string, Phase[]]): string {
  const middle = (of: (phase: Phase) => number) => median(rounds.map(of)).toFixed(1)
  const spread = rounds.map(({ p99 }) => p99.toFixed(1)).join(', ')
  const wrong = rounds.reduce((sum, each) => sum + each.wrong, 0)
  return `| ${name} | ${middle(({ p50 }) => p50)} | ${middle(({ p99 }) => p99)} | ${spread} | ${middle(({ memoryMiB }) => memoryMiB)} | ${wrong} |`
}

/** Refreshes at a steady rate, each user when it is its turn. */
async function steadily(port: number, users: User[]): Promise<{ times: number[]; wrong: number }> {
  const times: number[] = []
  let wrong = 0
  const connections = users.map(() => connection(port))
  const began = performance.now()
  const under: Promise<void>[] = []
  for (let i = 0; i < RATE * SECONDS; i++) {
    const due = began + (i * 1000) / RATE
    if (due > performance.now()) await delay(due - performance.now())
    const [user, ask] = [users[i % users.length], connections[i % connections.length]?.ask]
    if (user === undefined || ask === undefined) continue
    under.push(
      SYSTEMS.ours.operations
        .refresh(ask, user)
        .then(() => void times.push(performance.now() - due))
        .catch(() => void wrong++),
    )
  }
  await Promise.all(under)
  for (const { close } of connections) close()
  return { times: times.toSorted((a, b) => a - b), wrong }
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
  })
}

/** Sends them from a process of its own: what it takes to make them is not to be felt here. @returns what they were answered with */
async function uploads(port: number): Promise<string> {
  const script = new URL('uploads.ts', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(port), String(UPLOADS)])
  return stdout.trim()
}
