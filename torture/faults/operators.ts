import { setTimeout as delay } from 'node:timers/promises'
import type { Fault, Scene } from './fault.ts'

const QUARTER_HOUR_MS = 15 * 60_000

/** What a deployment does. */
export const rollingRestart: Fault = {
  what: 'all servers are restarted, one after the other, as a deployment does',
  async strike({ cluster, world, figures }) {
    const before = figures.refusals + figures.broken
    for (const server of cluster.servers) {
      const code = await server.drain()
      if (code !== 0) world.verdict.violated('no-request-lost-in-restarts', `${server.name} ended with code ${code}`)
      await server.start()
      await inRotation({ cluster })
    }
    const lost = figures.refusals + figures.broken - before
    if (lost > 0)
      world.verdict.violated('no-request-lost-in-restarts', `${lost} requests found no server, or no answer`)
  },
}

/** Servers need not agree about the time: rows have that of the database. */
export const moveClock: Fault = {
  what: 'the clock of a server is 15 minutes off, first ahead and then behind',
  async strike({ cluster, random }) {
    const server = random.pick(cluster.servers)
    for (const clockOffsetMs of [QUARTER_HOUR_MS, -QUARTER_HOUR_MS]) {
      await server.kill()
      await server.start({ clockOffsetMs })
      await inRotation({ cluster })
      await delay(2000)
    }
    await server.kill()
    await server.start()
  },
}

/** Both versions serve the whole run; here each is restarted under the other's eyes. */
export const twoVersions: Fault = {
  what: 'two versions at once: the server of the other checkout is restarted while this one serves, and the other way round',
  needs: 'other',
  async strike({ cluster }) {
    for (const server of cluster.servers) {
      await server.kill()
      await delay(1000)
      await server.start()
      await inRotation({ cluster })
    }
  },
}

async function inRotation({ cluster }: Pick<Scene, 'cluster'>): Promise<void> {
  for (let tries = 0; tries < 200 && !cluster.servers.every((server) => server.inRotation); tries++) await delay(50)
}
