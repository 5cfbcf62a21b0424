import { isIPv4, isIPv6 } from 'node:net'

/**
 * An IP address in the one form that Latchkey keeps and compares: IPv6 in lower case and as short as it gets (RFC 5952),
 * an IPv4 address that is mapped into IPv6 as IPv4, no zone. Undefined for what is no IP address.
 */
export function normalAddress(text: string): string | undefined {
  const address = text.replace(/%.*$/s, '').replace(/^::ffff:(?=\d+\.)/i, '')
  if (isIPv4(address)) return address
  if (!isIPv6(address)) return undefined
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? []
  return high === undefined || low === undefined ? short : [...bytesOf(high), ...bytesOf(low)].join('.')
}

/** The two bytes of a group of an IPv6 address. */
function bytesOf(group: string): [number, number] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}
