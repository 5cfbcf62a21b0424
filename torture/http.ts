import { Agent, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'

/** What came back. */
export interface Answer {
  status: number
  body: Record<string, unknown>
}

/** One request. */
export interface Sent {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  body?: object
  accessToken?: string
  /** The connection breaks as soon as the request is out: what becomes of it nobody hears. */
  loseAnswer?: boolean
}

/** Longer than a server ever takes: after that nothing of the request goes on anywhere. */
const TIMEOUT_MS = 4000

/** No answer came. Whether the request was carried out cannot be known, unless the connection was refused. */
export class NoAnswer extends Error {
  readonly why: 'refused' | 'broken' | 'late' | 'lost on purpose'

  constructor(why: NoAnswer['why'], message: string = why) {
    super(message)
    this.why = why
  }
}

/** Sends requests to one origin over connections that are kept. */
export type Send = (origin: string, sent: Sent) => Promise<Answer>

/** Makes the sender of one client: its connections are its own. */
export function createSend(): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const secureAgent = new SecureAgent({ keepAlive: true, maxSockets: 4 })
  return (origin, { method, path, body, accessToken, loseAnswer = false }) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const isSecure = origin.startsWith('https:')
      const outgoing = (isSecure ? secureRequest : request)(new URL(path, origin), {
        agent: isSecure ? secureAgent : agent,
        method,
        timeout: TIMEOUT_MS,
        headers: {
          ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
        },
      })
      const lost = (why: NoAnswer['why'], message?: string) => {
        reject(new NoAnswer(why, message))
        outgoing.destroy()
      }
      outgoing.on('error', (error) => {
        const isRefused = 'code' in error && error.code === 'ECONNREFUSED'
        lost(isRefused ? 'refused' : 'broken', error.message)
      })
      outgoing.on('timeout', () => lost('late'))
      if (loseAnswer) outgoing.on('finish', () => setImmediate(() => lost('lost on purpose')))
      outgoing.on('response', (incoming) => {
        let received = ''
        incoming.setEncoding('utf8')
        incoming.on('data', (part: string) => (received += part))
        incoming.on('error', (error) => lost('broken', error.message))
        incoming.on('aborted', () => lost('broken', 'cut off'))
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: objectOf(received) }))
      })
      outgoing.end(text)
    })
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
