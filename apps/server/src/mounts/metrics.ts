import { createHash, timingSafeEqual } from 'node:crypto'
import { bearerToken, LatchkeyError } from '@latchkey/core'
import { Hono } from 'hono'
import type { Edge } from '../edge/edge.ts'
import { otherMethods } from '../edge/methods.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** With and without the slash at the end. */
const PATHS = ['/metrics', '/metrics/']

/**
 * `/metrics` on the port of the API, for who knows the token (RFC 6750). Without a token there is no such path: how often people
 * log in is nobody's business.
 */
export function mountMetrics({ registry }: Pick<Metrics, 'registry'>, token: string | undefined): Hono<Edge> {
  const app = new Hono<Edge>()
  if (token === undefined) return app
  const expected = digest(token)
  app.on('GET', PATHS, async (c) => {
    const given = bearerToken(c.env.incoming.headers.authorization)
    if (!timingSafeEqual(digest(given), expected)) throw new LatchkeyError('invalid_token')
    return c.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType })
  })
  for (const path of PATHS) app.all(path, otherMethods(['GET']))
  return app
}

/** Of one length, so that they can be compared in constant time. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
