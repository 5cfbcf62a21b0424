import { setTimeout as delay } from 'node:timers/promises'
import type { Fault, Scene } from './fault.ts'

/** A point is given up when no client passes it in this time. */
const POINT_WITHIN_MS = 3000

/** Ends a server in the middle of whatever it does. */
export const killAtRandom: Fault = {
  what: 'kill -9 of a server at a random moment',
  async strike({ cluster, random }) {
    await delay(random.between(0, 400))
    const server = random.pick(cluster.servers)
    await server.kill()
    await server.start()
  },
}

/** Nothing of the refresh has happened: whoever asks again gets a new token. */
export const killBeforeStatement: Fault = {
  what: 'kill -9 of a server when the statement of a refresh is on its way to the database',
  strike: (scene) => killAt(scene, 'before'),
}

/** The worst moment: the token is exchanged, and nobody knows the new one. */
export const killAfterCommit: Fault = {
  what: 'kill -9 of a server when the database has carried out a refresh, and before anybody hears of it',
  strike: (scene) => killAt(scene, 'after'),
}

async function killAt({ cluster, random }: Scene, point: 'before' | 'after'): Promise<void> {
  const server = random.pick(cluster.servers)
  const reached = server.wire.stopAt('session.rotate', point)
  await Promise.race([reached, delay(POINT_WITHIN_MS)])
  await server.kill()
  server.wire.mend()
  server.wire.cut()
  await server.start()
}
