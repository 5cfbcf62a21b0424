import { createHash } from 'node:crypto'
import type { Core } from '@latchkey/core'
import { Hono } from 'hono'
import type { Edge } from '../edge/edge.ts'
import { otherMethods } from '../edge/methods.ts'

/** How long others may keep the keys before they ask again. Who meets a key that is new to them should ask sooner. */
const MAX_AGE_SECONDS = 300
const PATH = '/.well-known/jwks.json'

/** `/.well-known/jwks.json`: the keys that check our access tokens (RFC 7517, section 5), for everybody. */
export function mountJwks({ core }: { core: Core }): Hono<Edge> {
  const app = new Hono<Edge>()
  app.get(PATH, (c) => {
    const body = JSON.stringify(core.ring.jwks())
    const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    const headers = {
      'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}`,
      ETag: tag,
      // Public keys, read by services of other origins and by pages of theirs.
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    }
    if (matches(c.req.header('If-None-Match'), tag)) return c.body(null, 304, headers)
    return c.body(body, 200, { ...headers, 'Content-Type': 'application/jwk-set+json' })
  })
  app.all(PATH, otherMethods(['GET']))
  return app
}

/** RFC 9110, 13.1.2: any of the tags given, weak ones too, as a cache on the way makes them. */
export function matches(ifNoneMatch: string | undefined, tag: string): boolean {
  return ifNoneMatch?.split(',').some((each) => ['*', tag].includes(each.trim().replace(/^W\//, ''))) ?? false
}
