import { LatchkeyError } from '@latchkey/core'
import type { Handler } from 'hono'
import type { Edge } from './edge.ts'

/** Answers on a path what its own handlers did not take: OPTIONS with what there is, anything else with 405. */
export function otherMethods(methods: string[]): Handler<Edge> {
  const allow = allowOf(methods)
  return (c) => {
    c.env.outgoing.setHeader('Allow', allow)
    if (c.req.method !== 'OPTIONS') throw new LatchkeyError('method_not_allowed')
    return c.body(null, 204)
  }
}

/** The value of `Allow` for a path with these methods. */
export function allowOf(methods: string[]): string {
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
}
