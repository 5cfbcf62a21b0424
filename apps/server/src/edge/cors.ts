import type { Rule } from './edge.ts'

/** Seconds for which a browser need not ask again. */
const MAX_AGE = '600'
/** What a page may send. Settings are not saved without `If-Match`. */
const ALLOWED = 'Authorization, Content-Type, Idempotency-Key, If-Match, Latchkey-Device, X-Request-Id, trpc-accept'
/** What a page may read. `ETag` is what it sends back as `If-Match`. */
const EXPOSED = 'ETag, Latchkey-Device, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id'

/**
 * Lets pages of the listed origins call us from a browser. No cookies: what authorises a call is in its header or body.
 * To all others nothing is said, and their browser stops them.
 */
export function allowOrigins(origins: string[]): Rule {
  const allowed = new Set(origins)
  return ({ env: { incoming, outgoing } }) => {
    if (allowed.size === 0) return
    outgoing.appendHeader('Vary', 'Origin')
    const { origin } = incoming.headers
    if (origin === undefined || !allowed.has(origin)) return
    outgoing.setHeader('Access-Control-Allow-Origin', origin)
    outgoing.setHeader('Access-Control-Expose-Headers', EXPOSED)
    // A preflight; the answer itself, 204 with Allow, is that of any OPTIONS.
    if (incoming.method !== 'OPTIONS' || incoming.headers['access-control-request-method'] === undefined) return
    outgoing.setHeader('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE')
    outgoing.setHeader('Access-Control-Allow-Headers', ALLOWED)
    outgoing.setHeader('Access-Control-Max-Age', MAX_AGE)
  }
}
