import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { memoryOf } from './cpu.ts'
import { type Database, databaseOf } from './database.ts'
import { connection } from './http.ts'
import { seed } from './measure.ts'
import type { User } from './operations.ts'
import { startServer } from './server.ts'
import { SYSTEMS } from './systems.ts'

const IDLE_SOCKETS = 2000
const UPLOADS = 100
const UPLOAD_BYTES = 64 * 2 ** 20
const USERS = 100
/** Refreshes a second, at their times whether or not the last one is answered: so waiting counts. */
const RATE = 200
const SECONDS = 6

interface Phase {
  name: string
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
    const phases: Phase[] = []
    const phase = async (name: string) => {
      const { times, wrong } = await steadily(server.port, users)
      const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
      phases.push({ name, p50: at(0.5), p99: at(0.99), memoryMiB: memoryOf(server.pid), wrong })
    }
    await phase('warm-up')
    await phase('alone')
    const idle = await Promise.all(Array.from({ length: IDLE_SOCKETS }, () => opened(server.port)))
    await phase(`${IDLE_SOCKETS} idle connections`)
    for (const socket of idle) socket.destroy()
    await phase('alone again')
    const uploading = Promise.all(Array.from({ length: UPLOADS }, (_, i) => upload(server.port, i % 2 === 0)))
    await phase(`${UPLOADS} uploads of 64 MB`)
    const answers = await uploading
    const lines = phases
      .slice(1)
      .map(
        (each) =>
          `| ${each.name} | ${each.p50.toFixed(1)} | ${each.p99.toFixed(1)} | ${each.memoryMiB.toFixed(0)} | ${each.wrong} |`,
      )
    const told = `Uploads were answered with ${[...new Set(answers)].join(', ')}.`
    return [
      '| | p50, ms | p99, ms | memory, MiB | wrong |',
      '| --- | --- | --- | --- | --- |',
      ...lines,
      '',
      told,
    ].join('\n')
  } finally {
    await server.stop()
  }
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

/** Sends a body, announced or not, as far as the server lets it. @returns the first line of the answer */
function upload(port: number, announced: boolean): Promise<string> {
  const chunk = Buffer.alloc(65_536, ' ')
  return new Promise((resolve) => {
    let answer = 'no answer'
    const socket = connect(port, '127.0.0.1')
    const send = async () => {
      const length = announced ? `Content-Length: ${UPLOAD_BYTES}` : 'Transfer-Encoding: chunked'
      socket.write(`POST /api/login HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n${length}\r\n\r\n`)
      for (let sent = 0; sent < UPLOAD_BYTES && socket.writable; sent += chunk.length) {
        if (!announced) socket.write(`${chunk.length.toString(16)}\r\n`)
        const goesOn = socket.write(chunk)
        if (!announced) socket.write('\r\n')
        if (!goesOn) await new Promise<void>((drained) => socket.once('drain', drained).once('close', () => drained()))
      }
      socket.end()
    }
    socket.on('data', (part: Buffer) => {
      if (answer === 'no answer') answer = part.toString('latin1').slice(9, 12)
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
    void send()
  })
}
