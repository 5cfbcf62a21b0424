import { randomUUID } from 'node:crypto'
import type { Rule } from './edge.ts'

/** A proxy's id is kept, so that its log and ours can be read together; anything odd is not. */
const SANE = /^[\w.-]{1,64}$/

/** Names the request, in the answer and in the log. */
export const nameRequest: Rule = (c) => {
  const given = c.env.incoming.headers['x-request-id']
  const requestId = typeof given === 'string' && SANE.test(given) ? given : randomUUID()
  c.set('requestId', requestId)
  c.env.outgoing.setHeader('X-Request-Id', requestId)
}
