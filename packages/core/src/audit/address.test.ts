import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalAddress } from './address.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:C000:207', '192.0.2.7'],
  ['0:0:0:0:0:ffff:c000:0207', '192.0.2.7'],
  ['2001:DB8:0:0::0001', '2001:db8::1'],
  ['2001:db8:0:0:1::1', '2001:db8::1:0:0:1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::', '::'],
])('%s is written %s', (address, normal) => {
  expect(normalAddress(address)).toBe(normal)
})

test.each(['', 'localhost', '1.2.3', '01.2.3.4', '1.2.3.4.5', '::1::', '[::1]', '::ffff:1.2.3', '1.2.3.4:80', '\0'])(
  '%j is no address',
  (text) => {
    expect(normalAddress(text)).toBeUndefined()
  },
)

test('every address is written in one way, and any text is an address or is not', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), fc.ipV4()), (address) => {
      const normal = normalAddress(address)
      expect(normal).toBeDefined()
      expect(normalAddress(address.toUpperCase())).toBe(normal)
      expect(normalAddress(normal ?? '')).toBe(normal)
    }),
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => normalAddress(text)).not.toThrow()
    }),
  )
})
