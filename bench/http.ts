import { Agent, request } from 'node:http'

/** What came back. */
export interface Answer {
  status: number
  text: string
}

/** Asks over one connection that is kept. */
export type Ask = (method: string, path: string, sent: { body?: object; token?: string }) => Promise<Answer>

/** Opens a connection of a client to a port of this machine. */
export function connection(port: number): { ask: Ask; close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask: Ask = (method, path, { body, token }) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const outgoing = request(
        {
          agent,
          host: '127.0.0.1',
          port,
          method,
          path,
          headers: {
            ...(text !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(text),
              // better-auth takes nothing that changes something without one.
              origin: `http://127.0.0.1:${port}`,
            }),
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
          },
        },
        (incoming) => {
          let received = ''
          incoming.setEncoding('utf8')
          incoming.on('data', (part: string) => (received += part))
          incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text: received }))
          incoming.on('error', reject)
        },
      )
      outgoing.on('error', reject)
      outgoing.end(text)
    })
  return { ask, close: () => agent.destroy() }
}
