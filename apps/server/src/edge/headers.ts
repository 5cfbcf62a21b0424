import type { Rule } from './edge.ts'

/** Pages that show something (docs, console) replace the policy by one of their own. */
const HEADERS = Object.entries({
  // No cache may keep an answer with a token (RFC 6749, 5.1). What may be kept says so itself.
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
})

/** Shuts what a browser would otherwise leave open. */
export const secureHeaders: Rule = ({ env: { outgoing } }) => {
  for (const [name, value] of HEADERS) outgoing.setHeader(name, value)
}
