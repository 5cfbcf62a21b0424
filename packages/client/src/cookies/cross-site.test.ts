import { expect, test } from 'vitest'
import { isCrossSite } from './cross-site.ts'

const APP = 'https://app.example.com'

const sent = (method: string, headers: Record<string, string>) =>
  isCrossSite({ method, headers: new Headers(headers) }, APP)

test.for([
  ['a form of this page', { 'sec-fetch-site': 'same-origin', origin: APP }],
  ['a form of this page, whose policy hides where it comes from', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
  ['somebody who typed the address', { 'sec-fetch-site': 'none' }],
  ['an older browser on this page', { origin: APP }],
  ['curl', {}],
] as const)('lets through %s', ([, headers]) => {
  expect(sent('POST', headers)).toBe(false)
})

test.for([
  ['a form of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['another host of the same domain', { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' }],
  ['another site in an older browser', { origin: 'https://evil.example' }],
  ['a sandboxed frame in an older browser', { origin: 'null' }],
  ['this host without https', { origin: 'http://app.example.com' }],
  ['something that is not a value of the header', { 'sec-fetch-site': 'same-origin, cross-site' }],
] as const)('stops %s', ([, headers]) => {
  expect(['POST', 'put', 'PATCH', 'DELETE'].map((method) => sent(method, headers))).toEqual([true, true, true, true])
})

test('what changes nothing may come from anywhere', () => {
  const elsewhere = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
  expect(['GET', 'HEAD', 'OPTIONS', 'get'].map((method) => sent(method, elsewhere))).toEqual(Array(4).fill(false))
})
