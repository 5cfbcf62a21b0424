/** Where no address is known: a test, or a socket that has none. All of them count as one. */
const NOWHERE = 'nowhere'

/**
 * What one party has of addresses, and is counted by: an IPv4 address whole, of an IPv6 address its /56, which is what
 * providers give to a customer (RIPE-690, 4.2). By /64 a customer would have 256 budgets, by /48 a neighbour could spend it.
 *
 * @param address as `normalAddress` gives it: an IPv4 address that is mapped into IPv6 has become IPv4 there
 */
export function prefixOf(address: string | null): string {
  if (address === null) return NOWHERE
  if (!address.includes(':')) return address
  const [first = '0', second = '0', third = '0', fourth = '0'] = groupsOf(address)
  const high = Number.parseInt(fourth, 16) & 0xff00
  return `${first}:${second}:${third}:${high.toString(16)}::/56`
}

/** The first groups of an IPv6 address, with those that `::` leaves out. */
function groupsOf(address: string): string[] {
  const [before = '', after] = address.split('::')
  const groups = before === '' ? [] : before.split(':')
  if (after === undefined) return groups
  const behind = after === '' ? [] : after.split(':')
  const left = Array.from({ length: Math.max(0, 8 - groups.length - behind.length) }, () => '0')
  return [...groups, ...left, ...behind]
}
