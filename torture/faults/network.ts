import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from './fault.ts'

/** All connections of one server to the database break, and can be made again at once. */
export const cutConnections: Fault = {
  what: 'the connections of a server to the database are cut',
  async strike({ cluster, random }) {
    const { wire } = random.pick(cluster.servers)
    for (let i = 0; i < 5; i++) {
      wire.cut()
      await delay(random.between(50, 300))
    }
  },
}

/** The database cannot be reached by one server. */
export const refuseConnections: Fault = {
  what: 'a server cannot reach the database for 2 s',
  async strike({ cluster, random }) {
    const { wire } = random.pick(cluster.servers)
    wire.close()
    await delay(2000)
    wire.mend()
  },
}

/** The worst kind of outage: nothing comes back, and nothing says so. */
export const swallow: Fault = {
  what: 'nothing passes between a server and the database for 4 s, and nothing says so',
  async strike({ cluster, random }) {
    const { wire } = random.pick(cluster.servers)
    wire.swallow()
    await delay(4000)
    wire.mend()
  },
}

/** A firewall that was restarted: it knows nothing of what was open before, and tells nobody. */
export const forgetConnections: Fault = {
  what: 'the open connections between a server and the database lead nowhere from now on; new ones are all right',
  async strike({ cluster, random }) {
    const { wire } = random.pick(cluster.servers)
    wire.forget()
    await delay(3000)
  },
}

/** Everything works, and takes long. */
export const slowDatabase: Fault = {
  what: 'everything between servers and database takes 150 ms longer, each way',
  async strike({ cluster }) {
    for (const { wire } of cluster.servers) wire.slow(150)
    await delay(3000)
    for (const { wire } of cluster.servers) wire.mend()
  },
}

/** Each connection of the pools has its statement, and no answer: who comes now waits for a connection. */
export const exhaustPool: Fault = {
  what: 'all connections of all servers to the database are taken for 3 s: answers are held back, and come when nobody waits for them',
  async strike({ cluster }) {
    for (const { wire } of cluster.servers) wire.hold()
    await delay(3000)
    for (const { wire } of cluster.servers) wire.mend()
  },
}

/** Phones in a tunnel. */
export const loseAnswers: Fault = {
  what: 'half of all answers never reach their client, for 4 s',
  async strike({ world }) {
    const before = world.lossShare
    world.lossShare = 0.5
    await delay(4000)
    world.lossShare = before
  },
}
