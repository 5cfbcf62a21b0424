/// <reference types="node" />
import { once } from 'node:events'
import { createServer, request as send } from 'node:http'

/** What becomes of a request. */
export type Weather =
  | 'fine'
  /** The server gets it, and its answer is lost. */
  | 'answer lost'
  /** It never reaches the server. */
  | 'cut off'
  /** Somebody in front of the server answers 503. */
  | 'refused'

/** A network between a client and a server that is on the same machine. */
export interface Proxy {
  readonly url: string
  /** The paths of all requests that have come so far, without those in which a browser asks whether it may. */
  readonly requests: string[]
  /** What becomes of each of the next requests, in their order; after them all is fine. */
  forecast(...weathers: Weather[]): void
  /** What becomes of every request until it is said otherwise; a function is asked each time. */
  weather: Weather | (() => Weather)
  close(): void
}

/** Opens one on a free port. */
export async function openProxy(target: string): Promise<Proxy> {
  const requests: string[] = []
  let next: Weather[] = []
  const server = createServer((incoming, outgoing) => {
    const isPreflight = incoming.method === 'OPTIONS'
    if (!isPreflight) requests.push(incoming.url ?? '')
    const lasting = () => (typeof proxy.weather === 'function' ? proxy.weather() : proxy.weather)
    const weather = isPreflight ? 'fine' : (next.shift() ?? lasting())
    if (weather === 'cut off') return incoming.socket.destroy()
    if (weather === 'refused') return outgoing.writeHead(503, { 'Retry-After': '5' }).end('away')
    const { method, headers } = incoming
    const forwarded = send(new URL(incoming.url ?? '', target), { method, headers }, (answer) => {
      if (weather === 'answer lost') return answer.resume().on('end', () => incoming.socket.destroy())
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      return answer.pipe(outgoing)
    })
    forwarded.on('error', () => incoming.socket.destroy())
    return incoming.pipe(forwarded)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const proxy: Proxy = {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    weather: 'fine',
    forecast(...weathers) {
      next = weathers
    },
    close: () => server.close().closeAllConnections(),
  }
  return proxy
}
