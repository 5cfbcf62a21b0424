import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { createServer as createNetServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Options } from '../options.ts'
import { type Database, startDatabase } from './database.ts'
import { createServer, type Server } from './server.ts'
import { createWire } from './wire.ts'

const CHECKOUT = new URL('../..', import.meta.url).pathname
const READY_WITHIN_MS = 30_000

/** Servers on one database, each by a wire of its own. */
export interface Cluster {
  readonly database: Database
  readonly servers: Server[]
  /** Where the servers' logs are. */
  readonly folder: string
  /** Waits until every server is ready. Milliseconds that took, or undefined when one is not in half a minute. */
  whenReady(): Promise<number | undefined>
  stop(): Promise<void>
}

/**
 * Starts database and servers, and waits until all are ready.
 *
 * @param onDeath told when a server ends and nobody has asked it to
 * @throws Error when they do not become ready
 */
export async function startCluster(
  { servers: count, build = CHECKOUT, other }: Options,
  onDeath: (name: string, code: number | string) => void,
): Promise<Cluster> {
  const database = await startDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-torture-log-'))
  const environment = environmentOf()
  const servers: Server[] = []
  for (let i = 0; i < count; i++) {
    const isOther = other !== undefined && i === count - 1
    servers.push(
      createServer({
        name: `server-${i + 1}`,
        port: await freePort(),
        wire: await createWire(database.url),
        build: isOther ? other : build,
        folder,
        environment,
        onDeath,
      }),
    )
  }
  const whenReady = async () => {
    const began = performance.now()
    while (performance.now() - began < READY_WITHIN_MS) {
      const ready = await Promise.all(servers.map((server) => server.isReady()))
      if (ready.every(Boolean)) return performance.now() - began
      await delay(50)
    }
    return undefined
  }
  const stop = async () => {
    await Promise.all(servers.map((server) => server.drain()))
    await Promise.all(servers.map(({ wire }) => wire.end()))
    await database.stop()
  }
  try {
    // One after the other: the first migrates.
    for (const server of servers) {
      await server.start()
      for (let tries = 0; !(await server.isReady()); tries++) {
        if (tries > READY_WITHIN_MS / 100) throw new Error(`${server.name} does not become ready: see ${folder}`)
        await delay(100)
      }
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { database, servers, folder, whenReady, stop }
}

/** As in production. The limits are off: everybody here comes from one address. */
function environmentOf(): Record<string, string> {
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PUBLIC_URL: 'http://127.0.0.1:9',
    LATCHKEY_SECRET: randomBytes(48).toString('base64'),
    LATCHKEY_MIGRATE: 'on',
    LATCHKEY_LOG_LEVEL: 'warn',
    LATCHKEY_RATE_LIMITS: 'off',
    LATCHKEY_ACCESS_TOKEN_LIFETIME: '3m',
    // A third of the above at the most: longer than any fault here lasts, so that each retry is within it.
    LATCHKEY_REFRESH_GRACE: '60s',
    LATCHKEY_PASSWORD_COMMON_REFUSED: 'off',
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createNetServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
