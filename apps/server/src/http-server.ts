import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { isTooLarge } from './edge/json-body.ts'
import { leaveUnread } from './edge/unread-body.ts'
import { StartError } from './start-error.ts'

/** Longer than proxies keep theirs (60 s), so that it is never us who close a connection they are about to use. */
const KEEP_ALIVE_MS = 65_000
/** A body has 64 KiB at most; who needs longer than this for it is not to be waited for. */
const REQUEST_TIMEOUT_MS = 30_000
/** Also for who opens a connection and says nothing. */
const HEADERS_TIMEOUT_MS = 10_000
/** How often is looked for those that took too long: Node's own 30 s would make 40 s of 10. */
const CHECKING_MS = 1000
/** Bytes of all headers: room for cookies of other applications on the same host, and none for a flood. */
const HEADERS_SIZE_MAX = 16_384
const HEADERS_COUNT_MAX = 100
/** Without a report of its own in the time before, a full server says so. */
const FULL_AGAIN_MS = 60_000
/** How long an idle connection is left open on the way out: its client may have just sent a request. */
const LULL_MS = 500
const SWEEP_MS = 50

/** Answers a request. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

/** A port that is open from the start on. */
export interface HttpServer {
  readonly port: number
  /** Opens the port, if that was left for later. @throws StartError as {@link listen} does */
  open(): Promise<void>
  /** Answers by this listener. What has come before waited for it. */
  serve(listener: Listener): void
  /**
   * Accepts no more connections, lets what runs finish, and closes. What still waits for a listener is cut.
   *
   * @returns how many answers were cut because they were not done in time
   */
  close(withinMs: number): Promise<number>
}

/** What is going on on a connection. */
interface Connection {
  /** Whether anything was ever asked on it. */
  asked: boolean
  /** Answers that are not done. */
  running: number
  /** The one that comes last; there are several when a client does not wait for one before it asks for the next. */
  last: ServerResponse | undefined
}

/** What {@link listen} opens. */
export interface Listening {
  host: string
  /** 0: any free one. */
  port: number
  /** Whether other processes may listen there, too: the kernel spreads the connections. Linux and some others can. */
  reusePort?: boolean
  /** Whether `open` is to open it: a port that others serve, too, brings requests from the first moment on. */
  later?: boolean
  /** Connections at once; more are closed before they have cost anything. 10,000 by default. */
  connectionsMax?: number
  /** Told when connections are refused, once a minute. */
  onFull?: () => void
}

/**
 * Opens the port.
 *
 * @throws StartError when it is in use, not allowed, or of another machine
 */
export async function listen(listening: Listening): Promise<HttpServer> {
  const { host, port, reusePort = false, later = false, connectionsMax = 10_000, onFull = () => {} } = listening
  // By connection, not a set of answers: one that changes with each request is copied again and again, and each dead copy
  // keeps the answers of the next alive until the next full collection (a seventh of the CPU of a `GET /me`).
  const connections = new Map<Socket, Connection>()
  const first = Promise.withResolvers<Listener>()
  let listener: Listener | undefined
  const bounds = {
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CHECKING_MS,
    maxHeaderSize: HEADERS_SIZE_MAX,
  }
  const answer: Listener = (request, response) => {
    leaveUnread(request, response)
    const connection = connections.get(request.socket)
    if (connection !== undefined) follow(connection, response)
    if (listener !== undefined) listener(request, response)
    else void first.promise.then((given) => given(request, response))
  }
  const server = createServer(bounds, answer)
  server.maxHeadersCount = HEADERS_COUNT_MAX
  server.maxConnections = connectionsMax
  server.on('drop', quietly(onFull, FULL_AGAIN_MS))
  server.on('connection', (socket) => {
    connections.set(socket, { asked: false, running: 0, last: undefined })
    socket.once('close', () => connections.delete(socket))
  })
  // A client that asks first whether it may send its body is told by the answer, if that is a refusal.
  server.on('checkContinue', (request, response) => {
    if (!isTooLarge(request)) response.writeContinue()
    answer(request, response)
  })
  const open = async () => {
    if (server.listening) return
    try {
      await once(server.listen({ host, port, reusePort }), 'listening')
    } catch (error) {
      throw explained(error, host, port)
    }
  }
  if (!later) await open()
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    open,
    serve(given) {
      listener = given
      first.resolve(given)
    },
    async close(withinMs) {
      // Not http's own close(): it cuts idle connections at once, and with them requests that are on their way.
      const closed = new Promise<void>((resolve) => Server.prototype.close.call(server, () => resolve()))
      for (const { last } of connections.values())
        if (last?.headersSent === false) last.setHeader('Connection', 'close')
      const sweeping = sweepAfter(LULL_MS, () => {
        server.closeIdleConnections()
        // Node does not count a connection on which nothing was ever asked as idle.
        for (const [socket, { asked }] of connections) if (!asked) socket.destroy()
      })
      const late = new AbortController()
      const inTime = await Promise.race([
        closed.then(() => true),
        delay(listener === undefined ? 0 : withinMs, false, { signal: late.signal }).catch(() => false),
      ])
      late.abort()
      sweeping.stop()
      const cut = inTime ? 0 : [...connections.values()].reduce((sum, { running }) => sum + running, 0)
      server.closeAllConnections()
      await closed
      return cut
    },
  }
}

/** Knows what runs on a connection. */
function follow(connection: Connection, response: ServerResponse): void {
  connection.asked = true
  connection.running++
  connection.last = response
  response.on('close', () => {
    connection.running--
    if (connection.last === response) connection.last = undefined
  })
}

/** An answer whose head was out already leaves its connection open: it is closed as soon as it is idle. */
function sweepAfter(lullMs: number, sweep: () => void): { stop(): void } {
  let timer: NodeJS.Timeout = setTimeout(() => {
    sweep()
    timer = setInterval(sweep, SWEEP_MS)
  }, lullMs)
  return { stop: () => clearTimeout(timer) }
}

/** Calls `tell` at once, and then no more for a while. */
function quietly(tell: () => void, againMs: number): () => void {
  let told = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    if (now - told < againMs) return
    told = now
    tell()
  }
}

function explained(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const message = MESSAGES[code]?.(host, port)
  return message === undefined ? error : new StartError(message, { cause: error })
}

const notOurs = (host: string) => `HOST ${host} is no address of this machine.`

const MESSAGES: Record<string, (host: string, port: number) => string> = {
  EADDRINUSE: (host, port) => `Port ${port} of ${host} is in use. Stop what uses it, or choose another one by PORT.`,
  EACCES: (_, port) => `Port ${port} may not be opened by this user. Choose one from 1024 on by PORT.`,
  ENOTSUP: () => 'This system has no ports that several processes share: LATCHKEY_WORKERS has to be 1.',
  EADDRNOTAVAIL: notOurs,
  ENOTFOUND: notOurs,
  EAI_AGAIN: notOurs,
}
