import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http'
import { connect } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Problem } from '@latchkey/api'
import { test as base } from '@latchkey/core/testing'
import { Hono } from 'hono'
import type { Logger } from 'pino'
import { type AppOptions, createApp } from '../app.ts'
import { createClientAddress } from '../edge/client-address.ts'
import type { Edge } from '../edge/edge.ts'
import { createLog } from '../log.ts'
import { expectDocumented } from './document.ts'

/** An answer as it came over the wire. */
export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The body as JSON; {@link Problem} in most tests. */
  json: () => Problem & Record<string, unknown>
}

/** What to send. */
export interface Sent {
  headers?: Record<string, string>
  /** An object is sent as JSON, with its type. */
  body?: object | string | Uint8Array
  /** Send the body in pieces, its length not announced. */
  chunked?: boolean
}

/** Sends one request. */
export type Send = (method: string, path: string, sent?: Sent) => Promise<Answer>

/** The whole app on a real port: real requests, real database. */
export const test = base
  /** What the app has logged, line by line. */
  .extend('logged', (): Record<string, unknown>[] => [])
  /** A logger that writes there. */
  .extend('log', ({ logged }): Logger => {
    const destination = { write: (line: string) => void logged.push(JSON.parse(line)) }
    return createLog({ level: 'debug', version: 'test', format: 'json', destination })
  })
  /** Serves any app on a free port; closed after the test. */
  .extend('serveApp', ({}, { onCleanup }) => {
    const servers: Server[] = []
    onCleanup(() => servers.forEach((server) => server.close().closeAllConnections()))
    return async (app: Hono<Edge>): Promise<number> => {
      const listener = getRequestListener(app.fetch)
      const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
      servers.push(server)
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('no port')
      return address.port
    }
  })
  /** Serves an app with these options. */
  .extend('serve', ({ core, log, serveApp }) => (options: Partial<AppOptions> = {}): Promise<number> => {
    const none = () => new Hono<Edge>()
    const mounts = { health: none(), jwks: none(), docs: none(), setup: none() }
    const appOptions = {
      core,
      log,
      corsOrigins: [],
      clientAddress: createClientAddress([]),
      state: { draining: false },
    }
    return serveApp(createApp({ ...appOptions, mounts, ...options }))
  })
  /** The port of an app with nothing special. */
  .extend('port', ({ serve }): Promise<number> => serve())
  /** Sends a request to it. */
  .extend('send', ({ port }): Send => sendTo(port))
  /** Locks all accounts and sessions until what it gives is called, as a migration gone wrong would. */
  .extend('lockDatabase', ({ createInstance }) => async (): Promise<() => Promise<void>> => {
    const { db } = await createInstance()
    const locked = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const holding = db.reserve(async (connection) => {
      await connection.many({ name: 'test.begin', text: 'begin' }, [])
      await connection.many({ name: 'test.lock', text: 'lock table account, session in access exclusive mode' }, [])
      locked.resolve()
      await released.promise
      await connection.many({ name: 'test.rollback', text: 'rollback' }, [])
    })
    await Promise.race([locked.promise, holding])
    return async () => {
      released.resolve()
      await holding
    }
  })

/** Sends requests to a port of loopback. By Node's client, which leaves every header alone. */
export function sendTo(port: number): Send {
  return async (method, path, { headers = {}, body, chunked = false } = {}) => {
    const isObject = typeof body === 'object' && !(body instanceof Uint8Array)
    const bytes = body === undefined ? undefined : Buffer.from(isObject ? JSON.stringify(body) : body)
    const outgoing = request({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: {
        ...(isObject && { 'content-type': 'application/json' }),
        ...(bytes && !chunked && { 'content-length': String(bytes.length) }),
        ...headers,
      },
    })
    if (chunked && bytes) for (let at = 0; at < bytes.length; at += 8192) outgoing.write(bytes.subarray(at, at + 8192))
    outgoing.end(chunked ? undefined : bytes)
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
    const text = await readText(incoming)
    const answer = { status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: () => JSON.parse(text) }
    // Whatever a test is about: an answer that the document does not tell of is a fault.
    expectDocumented(method, path, answer)
    return answer
  }
}

/** Sends bytes as they are, and gives all that comes back until the server closes or is silent for a moment. */
export async function sendRaw(port: number, bytes: string | Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.setTimeout(300, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.write(bytes)
  await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(chunks).toString('latin1')
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

export { expect } from 'vitest'
