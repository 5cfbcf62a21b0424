import { setTimeout as delay } from 'node:timers/promises'
import { cpuOf } from './cpu.ts'
import { type Database, databaseOf } from './database.ts'
import { load } from './load.ts'
import { newUser, type Operation, type User } from './operations.ts'
import type { Options } from './options.ts'
import type { Server } from './server.ts'
import type { System } from './systems.ts'

const WARM_UP_SECONDS = 0.5
/** Hashing takes both cores, so that few are enough to tell. */
const NEW_USERS = 10_000

/** One operation of one system in one round. Everything is for one request. */
export interface Sample {
  requestsPerSecond: number
  p50: number
  p99: number
  serverCpuMs: number
  databaseCpuMs: number
  walBytes: number
  statements: number
  inserted: number
  updated: number
  /** Of all updates, from 0 to 1; 1 where there were none. */
  hotShare: number
  wrong: string[]
}

/** A system that runs, and its users. */
export interface Running {
  name: string
  system: System
  server: Server
  users: User[]
}

/** Measures one operation; undefined where the system has no such thing. */
export async function measure(
  { name, system, server, users }: Running,
  operation: Operation,
  { database, options }: { database: Database; options: Options },
): Promise<Sample | undefined> {
  const act = system.operations[operation]
  if (act === undefined) return undefined
  // Access tokens live for 30 s: those of the last round have run out. Nothing of this is counted.
  const renew = system.operations.refresh ?? system.operations.login
  if (renew !== undefined && operation !== 'register') await load(server.port, renew, users, options.connections)
  const those = () => (operation === 'register' ? Array.from({ length: NEW_USERS }, newUser) : users)
  await load(server.port, act, those(), options.connections, WARM_UP_SECONDS)

  const before = { server: cpuOf(server.pid), database: await database.read(databaseOf(name)) }
  const done = await load(server.port, act, those(), options.connections, options.seconds)
  const serverCpu = cpuOf(server.pid) - before.server
  // PostgreSQL hands in the counts of a connection when that has been idle for a moment.
  await delay(100)
  const after = await database.read(databaseOf(name))
  const per = (of: keyof typeof after) => (after[of] - before.database[of]) / done.requests
  return {
    requestsPerSecond: done.requests / done.seconds,
    p50: done.times[Math.floor(done.times.length / 2)] ?? 0,
    p99: done.times[Math.floor(done.times.length * 0.99)] ?? 0,
    serverCpuMs: serverCpu / done.requests,
    databaseCpuMs: per('cpuMs'),
    walBytes: per('wal'),
    statements: per('statements'),
    inserted: per('inserted'),
    updated: per('updated'),
    hotShare: per('updated') === 0 ? 1 : per('hot') / per('updated'),
    wrong: done.wrong,
  }
}

/** Registers users and logs them in. @throws Error when one cannot */
export async function seed(system: System, server: Server, count: number, connections: number): Promise<User[]> {
  const users = Array.from({ length: count }, newUser)
  for (const operation of ['register', 'login'] as const) {
    const act = system.operations[operation]
    if (act === undefined) throw new Error(`no ${operation}`)
    const { wrongCount, wrong } = await load(server.port, act, users, connections)
    if (wrongCount > 0) throw new Error(`${operation}: ${wrong[0]}`)
  }
  return users
}
