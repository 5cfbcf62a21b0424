import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createSend } from '../http.ts'
import type { Fault, Scene } from './fault.ts'

const FLOOD_MS = 5000
/** Each has one login under way: far more than there is room for in the queues of hashes. */
const FLOODERS = 600
/** Then they come 2,000 times a second: ten times what two cores can hash. */
const BACK_AFTER_MS = 300
const GIANT_BYTES = 64 * 2 ** 20

/** Ten times as many logins as can be hashed: most have to be turned away, and at once. */
export const floodLogins: Fault = {
  what: 'logins come at ten times the rate that can be hashed, for 5 s',
  async strike({ cluster, figures }) {
    const until = performance.now() + FLOOD_MS
    figures.phase = 'flood'
    const flooder = async (number: number) => {
      const send = createSend()
      const { port } = cluster.servers[number % cluster.servers.length] ?? { port: 0 }
      while (performance.now() < until) {
        const began = performance.now()
        const body = { email: `nobody-${number}@example.com`, password: 'whatever is guessed' }
        const answer = await send(`http://127.0.0.1:${port}`, { method: 'POST', path: '/api/login', body }).catch(
          () => undefined,
        )
        if (answer?.status === 503) {
          figures.shed(performance.now() - began)
          await delay(BACK_AFTER_MS)
        }
      }
    }
    await Promise.all(Array.from({ length: FLOODERS }, (_, number) => flooder(number)))
    figures.phase = 'quiet'
  },
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
