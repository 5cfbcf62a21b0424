import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { argon2, type HashParameters, loadFast, loadReference, needsRehash, unmatchableHash } from './hash.ts'

const CHEAP: HashParameters = { memoryKiB: 7168, iterations: 1, parallelism: 1 }
const PASSWORD = Buffer.from('correct horse 42 – 正しい馬')

const fast = await loadFast()
const reference = await loadReference()

test.each([
  ['fast', 'reference', fast, reference],
  ['reference', 'fast', reference, fast],
  ['fast', 'fast', fast, fast],
  ['reference', 'reference', reference, reference],
])('what %s makes, %s checks', async (_, __, maker, checker) => {
  for (const parameters of [CHEAP, { memoryKiB: 8192, iterations: 2, parallelism: 2 }]) {
    const phc = await maker.hash(PASSWORD, parameters)
    expect(phc).toMatch(/^\$argon2id\$v=19\$[mtp=,\d]+\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(needsRehash(phc, parameters)).toBe(false)
    expect(await checker.verify(phc, PASSWORD)).toBe(true)
    expect(await checker.verify(phc, Buffer.from('correct horse 43'))).toBe(false)
  }
})

test('knows a hash made with other parameters', async () => {
  for (const maker of [fast, reference]) {
    const phc = await maker.hash(PASSWORD, CHEAP)
    expect(needsRehash(phc, { ...CHEAP, memoryKiB: 7169 })).toBe(true)
    expect(needsRehash(phc, { ...CHEAP, iterations: 2 })).toBe(true)
    expect(needsRehash(phc, { ...CHEAP, parallelism: 2 })).toBe(true)
    expect(needsRehash(phc.replace('argon2id', 'argon2i'), CHEAP)).toBe(true)
    expect(needsRehash(phc.replace('v=19', 'v=16'), CHEAP)).toBe(true)
  }
})

test('takes the faster implementation where its binary loads', async () => {
  expect(await argon2.hash(PASSWORD, CHEAP)).toContain('$m=7168,t=1,p=1$') // the reference writes m, p, t
})

test('an unmatchable hash is well-formed for both, current, never the same, and matches nothing', async () => {
  expect(unmatchableHash(CHEAP)).not.toBe(unmatchableHash(CHEAP))
  expect(needsRehash(unmatchableHash(CHEAP), CHEAP)).toBe(false)
  const passwords = fc.string({ unit: 'grapheme', maxLength: 128 })
  await fc.assert(
    fc.asyncProperty(passwords, async (password) => {
      for (const each of [fast, reference]) {
        expect(await each.verify(unmatchableHash(CHEAP), Buffer.from(password))).toBe(false)
      }
    }),
    { numRuns: 10 },
  )
})

test('counts every byte: none is cut off, a NUL ends nothing', async () => {
  for (const each of [fast, reference]) {
    const phc = await each.hash(Buffer.from(`${'x'.repeat(127)}1`), CHEAP)
    expect(await each.verify(phc, Buffer.from(`${'x'.repeat(127)}2`))).toBe(false)
    const withNul = await each.hash(Buffer.from('password\0a'), CHEAP)
    expect(await each.verify(withNul, Buffer.from('password\0b'))).toBe(false)
  }
})
