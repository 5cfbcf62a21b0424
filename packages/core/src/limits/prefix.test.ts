import { expect, test } from 'vitest'
import { normalAddress } from '../audit/address.ts'
import { prefixOf } from './prefix.ts'

const prefix = (address: string) => prefixOf(normalAddress(address) ?? null)

test('an IPv4 address counts whole, in each of its forms', () => {
  expect(prefix('192.0.2.7')).toBe('192.0.2.7')
  expect(prefix('::ffff:192.0.2.7')).toBe('192.0.2.7')
  expect(prefix('::ffff:c000:207')).toBe('192.0.2.7')
  expect(prefix('192.0.2.8')).not.toBe(prefix('192.0.2.7'))
})

test('an IPv6 address counts by its /56, in each of its spellings', () => {
  const spellings = ['2001:db8:1:2f3::1', '2001:DB8:1:02FF:1:2:3:4', '2001:0db8:0001:0200::', '2001:db8:1:2aa::7%eth0']
  for (const spelling of spellings) expect(prefix(spelling)).toBe('2001:db8:1:200::/56')
  expect(prefix('2001:db8:1:3ff::1')).toBe('2001:db8:1:300::/56')
})

test('what :: leaves out is zero, wherever it stands', () => {
  expect(prefix('::1')).toBe('0:0:0:0::/56')
  expect(prefix('2001:db8::1')).toBe('2001:db8:0:0::/56')
  expect(prefix('2001:db8::')).toBe('2001:db8:0:0::/56')
  expect(prefix('2001::db8:ff:1:2:3:4')).toBe('2001:0:db8:0::/56')
  expect(prefix('1:2:3:4:5:6:7::')).toBe('1:2:3:0::/56')
})

test('no address at all is one party', () => {
  expect(prefixOf(null)).toBe('nowhere')
})
