import * as fc from 'fast-check'
import { reseal, test as secretsTest } from '../testing/secrets.ts'
import { expect, test } from '../testing/test.ts'
import { issueDeviceProof, readDeviceProof } from './device-proof.ts'

const DAY = 86_400

test('a device is known for the account that logged in from it, and for no other', ({ core }) => {
  const proof = issueDeviceProof(core, null, 'ada')
  expect(readDeviceProof(core, proof, 'ada')).toMatch(/^[\w-]{22}$/)
  expect(readDeviceProof(core, proof, 'eve')).toBeUndefined()
  expect(readDeviceProof(core, null, 'ada')).toBeUndefined()
})

test('a device keeps its id, and is known for the last five accounts', ({ core }) => {
  let proof: string | null = null
  const accounts = ['a', 'b', 'c', 'd', 'e', 'f', 'b']
  for (const account of accounts) proof = issueDeviceProof(core, proof, account)
  const ids = ['a', 'b', 'c', 'd', 'e', 'f'].map((account) => readDeviceProof(core, proof, account))
  expect(ids[0]).toBeUndefined()
  expect(new Set(ids.slice(1)).size).toBe(1)
  expect(proof?.length).toBeLessThan(200)
})

test('what is forged, cut or made under another key counts for nothing', ({ core }) => {
  const proof = issueDeviceProof(core, null, 'ada')
  const bytes = Buffer.from(proof, 'base64url')
  for (let at = 0; at < bytes.length; at++) {
    const forged = Buffer.from(bytes)
    forged[at] = (forged[at] ?? 0) ^ 1
    expect(readDeviceProof(core, forged.toString('base64url'), 'ada')).toBeUndefined()
    expect(readDeviceProof(core, bytes.subarray(0, at).toString('base64url'), 'ada')).toBeUndefined()
  }
  expect(readDeviceProof(core, proof, 'ada')).toBeDefined()
  const keys = { ...core.keys, device: core.keys.token }
  expect(readDeviceProof({ ...core, keys }, proof, 'ada')).toBeUndefined()
})

test('a proof holds for a year', ({ core, clock }) => {
  const proof = issueDeviceProof(core, null, 'ada')
  clock.advance(365 * DAY)
  expect(readDeviceProof(core, proof, 'ada')).toBeDefined()
  clock.advance(DAY)
  expect(readDeviceProof(core, proof, 'ada')).toBeUndefined()
})

test('any text is a proof or counts for nothing, and never a fault', ({ core }) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String({ maxLength: 500 })), (text) => {
      expect(readDeviceProof(core, text, 'ada')).toBeUndefined()
      expect(readDeviceProof(core, issueDeviceProof(core, text, 'ada'), 'ada')).toBeDefined()
    }),
  )
})

secretsTest(
  'while the root secret is changed, a device is known by a proof of either, for all its accounts',
  async ({ old, both, createNew }) => {
    const before = issueDeviceProof(old, issueDeviceProof(old, null, 'eve'), 'ada')
    expect(readDeviceProof(old, issueDeviceProof(both, before, 'ada'), 'eve'), 'not resealed yet').toBeDefined()
    await reseal(both)
    const later = await createNew()
    const after = issueDeviceProof(both, before, 'Ada')
    const id = readDeviceProof(old, before, 'ada')
    for (const name of ['ada', 'eve']) {
      for (const proof of [before, after]) expect(readDeviceProof(both, proof, name)).toBe(id)
    }
    expect(readDeviceProof(both, after, 'mallory')).toBeUndefined()
    expect(['ada', 'eve'].map((name) => readDeviceProof(later, after, name))).toEqual([id, undefined])
    expect(readDeviceProof(later, before, 'ada')).toBeUndefined()
    const twice = issueDeviceProof(both, issueDeviceProof(both, after, 'eve'), 'ada')
    expect(twice).toHaveLength(before.length)
    expect(readDeviceProof(later, twice, 'eve')).toBe(id)
  },
)
