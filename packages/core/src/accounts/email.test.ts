import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalizeEmail, parseEmail } from './email.ts'

test.each([
  ['user@example.com', 'user@example.com'],
  ['  User.Name+tag@EXAMPLE.com\n', 'user.name+tag@example.com'],
  ["o'neil_{1}/x=y!#$%&*?^`|~-@example.com", "o'neil_{1}/x=y!#$%&*?^`|~-@example.com"],
  ['user@localhost', 'user@localhost'],
  ['user@a-b.x1.example', 'user@a-b.x1.example'],
  ['用户@例え.jp', '用户@xn--r8jz45g.jp'],
  ['用户@XN--R8JZ45G.jp', '用户@xn--r8jz45g.jp'],
  ['user@straße.de', 'user@xn--strae-oqa.de'],
  ['user@STRASSE.de', 'user@strasse.de'],
  ['jose\u0301@example.com', 'jos\u00e9@example.com'],
  ['user@mu\u0308nchen.de', 'user@xn--mnchen-3ya.de'],
  ['\u212aelvin@\u212aelvin.example', 'kelvin@kelvin.example'], // NFC makes the sign a K
])('gives the normal form of %j', (typed, normal) => {
  expect(normalizeEmail(typed)).toBe(normal)
})

test.each([
  ['ΟΔΟΣ@example.com', 'οδοσ@example.com'],
  ['οδος@example.com', 'οδοσ@example.com'],
  ['user@ΟΔΟΣ.gr', 'user@xn--pxavbq.gr'],
  ['user@οδος.gr', 'user@xn--pxavbm.gr'], // another domain: IDNA 2008 tells the sigmas apart
  ['\u0130i@example.com', 'i\u0307i@example.com'],
  ['m\u0131ke@example.com', 'm\u0131ke@example.com'], // not mike
  ['stra\u00dfe@example.com', 'stra\u00dfe@example.com'], // not strasse
  ['user@\u0130stanbul.com', 'user@xn--istanbul-o0e.com'],
  ['user@\u0131stanbul.com', 'user@xn--stanbul-qfb.com'],
])('lower case neither merges nor splits letters: %s', (typed, normal) => {
  expect(normalizeEmail(typed)).toBe(normal)
})

test.each([
  '',
  '@',
  'user',
  'user@',
  '@example.com',
  'user@@example.com',
  'a@b@example.com',
  'user@gmail',
  'us er@example.com',
  'us\u00a0er@example.com',
  'us\u0000er@example.com',
  'us\ner@example.com',
  'us\u200ber@example.com',
  'us\u00ader@example.com',
  '\u202eresu@example.com',
  'us\ud800er@example.com',
  'user@ex\udc00.com',
  '"user"@example.com',
  'User <user@example.com>',
  'user(comment)@example.com',
  'user@example.com,other@example.com',
  '.user@example.com',
  'user.@example.com',
  'us..er@example.com',
  'user@example..com',
  'user@.example.com',
  'user@example.com.',
  'user@-example.com',
  'user@example-.com',
  'user@exam_ple.com',
  'user@exam ple.com',
  'user@xn--a.com',
  'user@xn--.com',
  `user@${'a'.repeat(64)}.com`,
])('refuses %j', (typed) => {
  expect(normalizeEmail(typed)).toBeUndefined()
})

test.each([
  ['a full-width @', 'user\uff20example.com'],
  ['a full-width @ in the local part', 'user\uff20other.example@example.com'],
  ['full-width letters', '\uff55ser@example.com'],
  ['a full-width letter in the domain', 'user@\uff45xample.com'],
  ['a full-width dot', 'user@example\uff0ecom'],
  ['an ideographic dot', 'user@example\u3002com'],
  ['a ligature', 'user@\ufb01n.com'],
  ['a circled letter', 'user@\u24d4xample.com'],
  ['a sign that holds a slash', 'user@exam\u2100le.com'],
  ['a soft hyphen', 'user@ex\u00adample.com'],
  ['a joiner', 'user@ex\u200dample.com'],
  ['percent encoding', 'user@ex%61mple.com'],
  ['a path', 'user@example.com/mail'],
  ['a back slash', 'user@example.com\\mail'],
  ['a query', 'user@example.com?mail'],
  ['a port', 'user@example.com:25'],
  ['a tab', 'user@exam\tple.com'],
  ['an IPv4 address', 'user@127.0.0.1'],
  ['a short IPv4 address', 'user@127.1'],
  ['a hexadecimal IPv4 address', 'user@0x7f.1'],
  ['an address literal', 'user@[127.0.0.1]'],
  ['an IPv6 address', 'user@[::1]'],
])('refuses what would be read as another address: %s', (_, typed) => {
  expect(normalizeEmail(typed)).toBeUndefined()
})

test('measures octets of the normal form', () => {
  const domain = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(57)}.com` // 189
  expect(normalizeEmail(`${'x'.repeat(64)}@${domain}`)).toHaveLength(254)
  expect(normalizeEmail(`${'x'.repeat(64)}@d${domain}`)).toBeUndefined()
  expect(normalizeEmail(`${'x'.repeat(64)}@d.${domain}`)).toBeUndefined()
  expect(normalizeEmail(`${'x'.repeat(65)}@example.com`)).toBeUndefined()
  expect(normalizeEmail(`${'é'.repeat(32)}@example.com`)).toBeDefined()
  expect(normalizeEmail(`${'é'.repeat(33)}@example.com`)).toBeUndefined()
  expect(normalizeEmail(`user@${Array(30).fill('例え').join('.')}.jp`)).toBeUndefined() // short until it is ASCII
})

test('keeps the address as typed beside the normal form', () => {
  expect(parseEmail(' User@Example.COM ')).toEqual({ typed: 'User@Example.COM', normal: 'user@example.com' })
  expect(() => parseEmail('user')).toThrowError(
    expect.objectContaining({ code: 'invalid_input', fields: [expect.objectContaining({ path: ['email'] })] }),
  )
})

/** Strings that are often addresses, and strings that are hardly ever. */
const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))
const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
const address = fc
  .tuple(label, label, fc.oneof(label, fc.constantFrom('com', 'jp', 'xn--r8jz45g')))
  .map(([local, domain, top]) => `${local}@${domain}.${top}`)
const email = fc.oneof(anything, address, fc.emailAddress(), fc.webUrl())

test('any string is accepted or refused, and a normal form is its own normal form', () => {
  fc.assert(
    fc.property(email, (typed) => {
      const normal = normalizeEmail(typed)
      if (normal === undefined) return
      expect(normalizeEmail(normal)).toBe(normal)
      expect(normal).toMatch(/^[^@\s]+@[a-z0-9.-]+$/u)
      expect(normal.isWellFormed()).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('letter case and composition never matter', () => {
  fc.assert(
    fc.property(email, (typed) => {
      const letters = Array.from(typed.normalize('NFC'))
      fc.pre(letters.every(hasOneCapital))
      const normal = normalizeEmail(typed)
      expect(normalizeEmail(letters.map((letter) => letter.toUpperCase()).join(''))).toBe(normal)
      expect(normalizeEmail(letters.map((letter) => letter.toLowerCase()).join(''))).toBe(normal)
      expect(normalizeEmail(typed.normalize('NFD'))).toBe(normal)
    }),
    { numRuns: 2000 },
  )
})

/** Whether capital and small letter are each other's; those of sharp s, dotless i and the like are not. */
function hasOneCapital(letter: string): boolean {
  return letter.toUpperCase().toLowerCase() === letter.toLowerCase()
}
