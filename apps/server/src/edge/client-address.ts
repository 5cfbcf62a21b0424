import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIPv4 } from 'node:net'
import { normalAddress } from '@latchkey/core'

/** What matters here of a request. */
export interface Incoming {
  headers: IncomingHttpHeaders
  socket: { remoteAddress?: string | undefined }
}

/** Tells the address of the client of a request, in its normal form; null where the connection has none. */
export type ClientAddress = (incoming: Incoming) => string | null

/**
 * Tells addresses of clients, as far as they can be known for sure.
 *
 * That is the other end of the connection. Where it is a trusted proxy, it is whom that proxy names in `X-Forwarded-For`
 * or in `Forwarded` (RFC 7239), and so on. Each proxy adds to the right, so what is left of the first hop that is not
 * trusted may have been made up by the client, and is not looked at. Where a hop cannot be read the last good one counts.
 *
 * Most proxies write one of the two headers and pass the other one on as the client sent it. Which one that is cannot be
 * seen, so where the two tell different addresses neither is believed, and the proxy's own counts.
 *
 * @param trustedProxies addresses and ranges, as {@link parseTrustedProxies} takes them
 * @param onUntrusted told once, when somebody who is not trusted names another: made up by a client, or by a proxy that was forgotten
 */
export function createClientAddress(
  trustedProxies: string[],
  onUntrusted: (proxy: string) => void = () => {},
): ClientAddress {
  let told = false
  const trusted = parseTrustedProxies(trustedProxies)
  const isTrusted = (address: string) => trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')

  /** Whom the hops of one header lead to. */
  const follow = (proxy: string, header: string, hopOf: (element: string) => string): string => {
    let client = proxy
    for (const element of fromTheRight(header)) {
      if (!isTrusted(client)) break
      const hop = addressOf(hopOf(element))
      if (hop === undefined) break
      client = hop
    }
    return client
  }

  return ({ socket, headers }) => {
    const proxy = normalAddress(socket.remoteAddress ?? '')
    if (proxy === undefined) return null
    const { 'x-forwarded-for': forwardedFor, forwarded } = headers
    if (forwardedFor === undefined && forwarded === undefined) return proxy
    if (!isTrusted(proxy)) {
      if (!told) onUntrusted(proxy)
      told = true
      return proxy
    }
    const named = new Set<string>()
    if (forwardedFor !== undefined) named.add(follow(proxy, String(forwardedFor), (element) => element))
    if (forwarded !== undefined) named.add(follow(proxy, forwarded, forParameter))
    const [client = proxy, another] = named
    return another === undefined ? client : proxy
  }
}

/**
 * Reads a list of addresses and ranges, such as `10.0.0.0/8`. Those of IPv4 that are mapped into IPv6 are taken as IPv4,
 * because that is how addresses are compared. A range that is wider than the mapped addresses says nothing of IPv4.
 *
 * @throws an error of Node's for an item that is neither; `notAddressRanges` tells which are
 */
export function parseTrustedProxies(items: string[]): BlockList {
  const list = new BlockList()
  for (const item of items) {
    const [text = '', bits] = item.split('/')
    const address = normalAddress(text) ?? text
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    const isMapped = family === 'ipv4' && text.includes(':')
    if (bits === undefined) list.addAddress(address, family)
    else if (!isMapped) list.addSubnet(address, Number(bits), family)
    else if (Number(bits) >= 96) list.addSubnet(address, Number(bits) - 96, family)
  }
  return list
}

/**
 * The elements of a header that is a list, the last one first. Read backwards, because the end is what a proxy wrote: a
 * quote that the client left open at the beginning must not swallow it.
 */
function* fromTheRight(list: string): Generator<string> {
  let end = list.length
  let quoted = false
  for (let at = end - 1; at >= -1; at--) {
    if (list[at] === '"') quoted = !quoted
    if (at >= 0 && (list[at] !== ',' || quoted)) continue
    const element = list.slice(at + 1, end).trim()
    if (element !== '') yield element
    end = at
  }
}

/** Whom an element of `Forwarded` names: `for=192.0.2.60;proto=https`, `for="[2001:db8::1]:4711"`. */
function forParameter(element: string): string {
  const [, quoted, token] = /(?:^|;)\s*for=(?:"([^"\\]*)"|([^\s";]*))\s*(?:;|$)/i.exec(element) ?? []
  return quoted ?? token ?? ''
}

/** The address in `192.0.2.60`, `192.0.2.60:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`. */
function addressOf(hop: string): string | undefined {
  const [, bracketed, bare] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(hop) ?? []
  return normalAddress(bracketed ?? bare ?? hop)
}
