import { connect, type Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { type Client, createClient } from '../clients/client.ts'
import { logIn, register, type Session } from '../clients/session.ts'
import { load } from '../load/load.ts'
import type { Done } from '../load/worker.ts'
import type { Fault, Scene } from './fault.ts'

const QUIET_MS = 3000
const FLOOD_MS = 5000
/** Refreshes a second, as 10,000 people make who are connected. */
const REFRESH_RATE = 400
const SESSIONS = 100
/** Logins a second: ten times what is hashed beside other requests, by all cores but one. */
const LOGIN_RATE = 10 * 100 * Math.max(1, availableParallelism() - 1)
const GIANT_BYTES = 64 * 2 ** 20

/** Most have to be turned away, and at once; who refreshes meanwhile shall not feel it. */
export const floodLogins: Fault = {
  what: 'logins come at ten times the rate that can be hashed, for 5 s, beside 400 refreshes a second',
  async strike({ cluster, world, random, figures }) {
    const ports = cluster.servers.map(({ port }) => port)
    const client = createClient(world, 'steady', random.fork())
    const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => registerAndLogIn(client)))
    const tokens = sessions.flatMap((session) => session?.refreshToken ?? [])
    const refreshing = load({
      kind: 'refreshes',
      ports,
      rate: REFRESH_RATE,
      connections: 64,
      phasesMs: [QUIET_MS, FLOOD_MS],
      tokens,
    })
    const quiet = await next(refreshing)
    const guessing = load({ kind: 'logins', ports, rate: LOGIN_RATE, connections: 600, phasesMs: [FLOOD_MS] })
    const [flooded, logins] = await Promise.all([next(refreshing), next(guessing)])
    // The last word of each: its thread ends.
    await Promise.all([refreshing.next(), guessing.next()])
    figures.flood({ quiet, flooded, logins })
    for (const { byStatus } of [quiet, flooded]) {
      const refused = byStatus[401]?.length ?? 0
      if (refused > 0) client.violated('no-honest-logout', `${refused} of the steady refreshes were refused`)
    }
    if (logins.byStatus[500] !== undefined) client.violated('only-told-faults', 'a login was answered with 500')
  },
}

async function next(phases: AsyncGenerator<Done>): Promise<Done> {
  const phase = await phases.next()
  if (phase.done === true) throw new Error('a thread that loads servers has ended')
  return phase.value
}

async function registerAndLogIn(client: Client): Promise<Session | undefined> {
  const email = await register(client)
  return email === undefined ? undefined : await logIn(client, email)
}

/** Connections that say nothing, or a byte now and then. */
export const slowSockets: Fault = {
  what: '500 connections that are silent, and 100 that send a byte of a request now and then, for 4 s',
  async strike(scene) {
    const sockets = open(scene, 600)
    const dripping = setInterval(() => {
      for (const socket of sockets.slice(0, 100)) if (socket.writable) socket.write('G')
    }, 200)
    await delay(4000)
    clearInterval(dripping)
    for (const socket of sockets) socket.destroy()
  },
}

/** Bodies a thousand times as large as any that is taken, announced and not announced. */
export const giantBodies: Fault = {
  what: '20 bodies of 64 MB come at once, half of them without saying how long they are',
  async strike(scene) {
    const chunk = Buffer.alloc(65_536, 'x')
    const sockets = open(scene, 20)
    await Promise.all(
      sockets.map(async (socket, i) => {
        const length = i % 2 === 0 ? `Content-Length: ${GIANT_BYTES}` : 'Transfer-Encoding: chunked'
        socket.write(`POST /api/login HTTP/1.1\r\nHost: torture\r\nContent-Type: application/json\r\n${length}\r\n\r\n`)
        for (let sent = 0; sent < GIANT_BYTES && socket.writable; sent += chunk.length) {
          if (i % 2 === 1) socket.write(`${chunk.length.toString(16)}\r\n`)
          if (!socket.write(chunk)) await Promise.race([drained(socket), delay(1000)])
          if (i % 2 === 1) socket.write('\r\n')
        }
        socket.destroy()
      }),
    )
  },
}

function open({ cluster }: Scene, count: number): Socket[] {
  return Array.from({ length: count }, (_, i) => {
    const { port } = cluster.servers[i % cluster.servers.length] ?? { port: 0 }
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    return socket
  })
}

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('drain', resolve)
    socket.once('close', resolve)
  })
