import { createServer, type IncomingMessage, request } from 'node:http'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { notAddressRanges } from '../environment/fields.ts'
import { createClientAddress, type Incoming, parseTrustedProxies } from './client-address.ts'

const from = (remoteAddress: string | undefined, headers: Incoming['headers'] = {}): Incoming => ({
  socket: { remoteAddress },
  headers,
})

const PROXIES = ['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '::1', '::ffff:172.16.0.0/108']
const addressOf = createClientAddress(PROXIES)
const byForwardedFor = (forwardedFor: string) => addressOf(from('10.0.0.1', { 'x-forwarded-for': forwardedFor }))
const byForwarded = (forwarded: string) => addressOf(from('10.0.0.1', { forwarded }))

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['::FFFF:CB00:7109', '203.0.113.9'],
  ['2001:DB8:0:0::0001', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  [undefined, null],
])('the other end of the connection %j is %j', (remoteAddress, expected) => {
  expect(createClientAddress([])(from(remoteAddress))).toBe(expected)
})

test('headers of whom nobody trusts are not looked at', () => {
  const headers = { 'x-forwarded-for': '198.51.100.1', forwarded: 'for=198.51.100.1' }
  expect(addressOf(from('203.0.113.9', headers))).toBe('203.0.113.9')
  expect(createClientAddress([])(from('127.0.0.1', headers))).toBe('127.0.0.1')
})

test.each([
  ['198.51.100.1', '198.51.100.1'],
  ['198.51.100.1:4711', '198.51.100.1'],
  ['[2001:DB8::1]:4711', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:198.51.100.1', '198.51.100.1'],
  // What is left of the first hop that is not trusted may be made up.
  ['6.6.6.6, 198.51.100.1, 10.1.2.3,192.0.2.1', '198.51.100.1'],
  ['6.6.6.6, 198.51.100.1, fd12::1, 172.20.0.1', '198.51.100.1'],
  ['10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['198.51.100.1, , ', '198.51.100.1'],
])('X-Forwarded-For: %s is %s', (header, expected) => {
  expect(byForwardedFor(header)).toBe(expected)
})

test.each(['unknown', '', ' , ', 'a b', '1.2.3', '01.2.3.4', '1.2.3.4:port', '[::1', ':', '1.2.3.4, 5.6.7.8.9', '"'])(
  'what cannot be read in X-Forwarded-For (%j) leaves the last good hop',
  (header) => {
    expect(byForwardedFor(header)).toBe('10.0.0.1')
    expect(byForwardedFor(`${header}, 10.0.0.2`)).toBe('10.0.0.2')
  },
)

test.each([
  ['for=198.51.100.1', '198.51.100.1'],
  ['For="[2001:DB8::1]:4711"', '2001:db8::1'],
  ['proto=https;for=198.51.100.1;by=203.0.113.43', '198.51.100.1'],
  ['for=6.6.6.6, for=198.51.100.1;proto=http, for="[fd12::1]"', '198.51.100.1'],
  ['for=198.51.100.1, for=10.0.0.2', '198.51.100.1'],
  // A quote that the client left open.
  ['for="6.6.6.6, for=198.51.100.1', '198.51.100.1'],
  ['x="for=6.6.6.6;y, for="[2001:db8::1]"', '2001:db8::1'],
  ['for=_hidden', '10.0.0.1'],
  ['for=unknown, for=10.0.0.2', '10.0.0.2'],
  ['by=198.51.100.1', '10.0.0.1'],
  ['for=', '10.0.0.1'],
  ['for="198.51.100.1\\"', '10.0.0.1'],
])('Forwarded: %s is %s', (header, expected) => {
  expect(byForwarded(header)).toBe(expected)
})

test.each([
  ['198.51.100.1', 'for=198.51.100.1', '198.51.100.1'],
  ['6.6.6.6, 2001:DB8::1, 10.0.0.2', 'for="[2001:db8::1]:4711", for=10.0.0.3', '2001:db8::1'],
  // One of them is as the client sent it, and nobody can say which.
  ['6.6.6.6', 'for=198.51.100.1', '10.0.0.1'],
  ['198.51.100.1', 'for=6.6.6.6', '10.0.0.1'],
  ['6.6.6.6, 10.0.0.2', 'for=198.51.100.1, for=10.0.0.2', '10.0.0.1'],
  ['', 'for=198.51.100.1', '10.0.0.1'],
  ['unknown', 'for=198.51.100.1', '10.0.0.1'],
  ['198.51.100.1', '', '10.0.0.1'],
  ['198.51.100.1', 'for=_hidden', '10.0.0.1'],
])('X-Forwarded-For: %s with Forwarded: %s is %s', (forwardedFor, forwarded, expected) => {
  expect(addressOf(from('10.0.0.1', { 'x-forwarded-for': forwardedFor, forwarded }))).toBe(expected)
})

test('whatever a client sends, the proxy of ours has the last word', () => {
  const pieces = ['', '"', ',', ';', '\\', 'for=', ' ', '6.6.6.6']
  const pairs = pieces.flatMap((one) => pieces.map((other) => one + other))
  for (const sent of pairs.flatMap((one) => pairs.map((other) => one + other))) {
    expect(byForwardedFor(`${sent}, 198.51.100.1`)).toBe('198.51.100.1')
    expect(byForwarded(`${sent}, for="[2001:db8::1]:80"`)).toBe('2001:db8::1')
    expect([addressOf(from(sent)), byForwardedFor(sent), byForwarded(sent)]).not.toContain('')
    // In the header that our proxy does not write, at worst it hides the client behind the proxy.
    const beside = [
      from('10.0.0.1', { 'x-forwarded-for': sent, forwarded: 'for=198.51.100.1' }),
      from('10.0.0.1', { 'x-forwarded-for': '198.51.100.1', forwarded: `for=${sent}` }),
    ]
    for (const incoming of beside) expect(addressOf(incoming)).toBe('10.0.0.1')
  }
})

test('reading a header takes a time in proportion to its length', () => {
  const start = performance.now()
  for (const piece of ['for="', ';for=";', '; ', '"\\', ', ', ' ', '[', ':1', '%']) {
    byForwarded(piece.repeat(16_384 / piece.length))
    byForwardedFor(piece.repeat(16_384 / piece.length))
  }
  expect(performance.now() - start).toBeLessThan(200)
})

test('what the environment takes for addresses and ranges can be read, and what it refuses cannot', () => {
  const good = [...PROXIES, '0.0.0.0/0', '::/0', '::ffff:10.0.0.1', '::ffff:10.0.0.1/8', '10.1.2.3/8', '::1/128']
  expect(notAddressRanges(good)).toEqual([])
  expect(() => parseTrustedProxies(good)).not.toThrow()
  for (const item of ['*', '10.0.0.0/33', '10.0.0/8', 'localhost', '::1/129']) {
    expect(notAddressRanges([item])).toEqual([item])
    expect(() => parseTrustedProxies([item])).toThrow(/Invalid socket address|out of range/)
  }
})

test('a header that comes several times is one list', async () => {
  const server = createServer((incoming, outgoing) => outgoing.end(createClientAddress(['127.0.0.1'])(incoming)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const outgoing = request({ host: '127.0.0.1', port, headers: { 'x-forwarded-for': ['6.6.6.6', '198.51.100.1'] } })
  const [incoming]: [IncomingMessage] = (await once(outgoing.end(), 'response')) as [IncomingMessage]
  incoming.setEncoding('utf8')
  expect(await once(incoming, 'data')).toEqual(['198.51.100.1'])
  server.close()
})

test('says once that somebody who is not trusted names another', () => {
  const told: string[] = []
  const clientOf = createClientAddress(['10.0.0.0/8'], (proxy) => void told.push(proxy))
  const asked = (remoteAddress: string, headers: Record<string, string> = {}) =>
    clientOf({ headers, socket: { remoteAddress } })
  asked('192.0.2.1')
  asked('10.0.0.1', { 'x-forwarded-for': '192.0.2.7' })
  expect(told).toEqual([])
  expect(asked('192.0.2.1', { 'x-forwarded-for': '192.0.2.7' })).toBe('192.0.2.1')
  asked('192.0.2.2', { forwarded: 'for=192.0.2.7' })
  expect(told).toEqual(['192.0.2.1'])
})
