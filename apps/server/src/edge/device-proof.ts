import type { IncomingMessage, ServerResponse } from 'node:http'

/** Seconds; a browser keeps it for a year, and each login gives a new one. */
const MAX_AGE = 31_536_000

/** In the cookie's name `__Host-` makes browsers take it from this host only, and over https only (RFC 6265bis, 4.1.3). */
const NAME = 'latchkey_device'
const SECURE_NAME = `__Host-${NAME}`
const COOKIE = new RegExp(`(?:^|;\\s*)(?:__Host-)?${NAME}=([\\w-]+)`)

/** The device proof that a client sent back, by the header or else by the cookie; not checked yet. */
export function deviceProofOf({ headers }: IncomingMessage): string | null {
  const { 'latchkey-device': header, cookie } = headers
  if (typeof header === 'string') return header
  return (cookie === undefined ? undefined : COOKIE.exec(cookie)?.[1]) ?? null
}

/** Gives a device proof to the client: in a header for those that keep no cookies, in a cookie for browsers. */
export function giveDeviceProof(outgoing: ServerResponse, proof: string, { secure }: { secure: boolean }): void {
  outgoing.setHeader('Latchkey-Device', proof)
  // A page cannot read it, and it logs nobody in: it only says which counter a login belongs to.
  const cookie = `${secure ? SECURE_NAME : NAME}=${proof}; Path=/; Max-Age=${MAX_AGE}; HttpOnly; SameSite=Lax`
  outgoing.setHeader('Set-Cookie', secure ? `${cookie}; Secure` : cookie)
}
