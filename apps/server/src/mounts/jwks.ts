import { createHash } from 'node:crypto'
import type { Core } from '@latchkey/core'
import { type Context, Hono } from 'hono'
import type { Edge } from '../edge/edge.ts'
import { otherMethods } from '../edge/methods.ts'
import { issuerMetadata, METADATA_PATHS } from './issuer-metadata.ts'

/** Where the public keys are, below the public URL. */
const JWKS_PATH = '/.well-known/jwks.json'

/**
 * `/.well-known/…`, for everybody: the keys that check our access tokens (RFC 7517, section 5), and the metadata by which
 * libraries find them. A key signs only once every copy of the JWKS without it has run out by its `max-age`.
 */
export function mountJwks({ core }: { core: Core }): Hono<Edge> {
  const app = new Hono<Edge>()
  const send = (c: Context<Edge>, body: string, type: string) => {
    const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    const headers = {
      'Cache-Control': `public, max-age=${core.settings.current().JWKS_MAX_AGE}`,
      ETag: tag,
      // Public keys, read by services of other origins and by pages of theirs.
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    }
    if (matches(c.req.header('If-None-Match'), tag)) return c.body(null, 304, headers)
    return c.body(body, 200, { ...headers, 'Content-Type': type })
  }
  const metadata = JSON.stringify(issuerMetadata(core.issuer, JWKS_PATH))
  app.get(JWKS_PATH, (c) => send(c, JSON.stringify(core.ring.jwks()), 'application/jwk-set+json'))
  for (const path of METADATA_PATHS) app.get(path, (c) => send(c, metadata, 'application/json'))
  for (const path of [JWKS_PATH, ...METADATA_PATHS]) app.all(path, otherMethods(['GET']))
  return app
}

/** RFC 9110, 13.1.2: any of the tags given, weak ones too, as a cache on the way makes them. */
export function matches(ifNoneMatch: string | undefined, tag: string): boolean {
  return ifNoneMatch?.split(',').some((each) => ['*', tag].includes(each.trim().replace(/^W\//, ''))) ?? false
}
