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

/** Where clients' changes are made, by the names of their statements, each with what it does. */
const POINTS = {
  'session.rotate': 'a refresh',
  'account.rename': 'a change of a username',
  'session.open': 'a login',
  'session.log-out': 'a logout',
} as const

/** Nothing has happened: whoever asks again gets what it asked for. */
export const killsBeforeStatement: Fault[] = Object.entries(POINTS).map(([statement, does]) => ({
  what: `kill -9 of a server when the statement of ${does} is on its way to the database`,
  strike: (scene) => killAt(scene, statement, 'before'),
}))

/** The worst moment: it is done, and nobody hears of it. Of a refresh: the token is exchanged, and nobody knows the new one. */
export const killsAfterCommit: Fault[] = Object.entries(POINTS).map(([statement, does]) => ({
  what: `kill -9 of a server when the database has carried out ${does}, and before anybody hears of it`,
  strike: (scene) => killAt(scene, statement, 'after'),
}))

async function killAt(scene: Scene, statement: string, point: 'before' | 'after'): Promise<void> {
  const { cluster, random, figures } = scene
  const server = random.pick(cluster.servers)
  const reached = server.wire.stopAt(statement, point).then(() => true)
  figures.point(statement, await Promise.race([reached, delay(POINT_WITHIN_MS, false)]))
  await server.kill()
  server.wire.mend()
  server.wire.cut()
  await server.start()
}
