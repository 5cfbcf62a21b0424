import { expect, test } from 'vitest'
import { createSettings } from '../settings/snapshot.ts'
import { createPasswords } from './passwords.ts'
import { hashSlots } from './slots.ts'
import { putInForce } from '../testing/settings.ts'

const CHEAP = { PASSWORD_HASH_MEMORY: 7168, PASSWORD_HASH_ITERATIONS: 1 }

function passwordsAndSettings() {
  const settings = createSettings({ production: false })
  putInForce(settings, CHEAP)
  return { settings, passwords: createPasswords({ settings }) }
}

test('a password matches its own hash only, however its letters are composed', async () => {
  const { passwords } = passwordsAndSettings()
  const phc = await passwords.hash('schl\u00fcsselbund')
  expect(await passwords.verify('schlu\u0308sselbund', phc)).toEqual({ matches: true, outdated: false })
  expect(await passwords.verify('schlusselbund', phc)).toEqual({ matches: false, outdated: false })
})

test('a hash is outdated as soon as the settings have changed', async () => {
  const { passwords, settings } = passwordsAndSettings()
  const phc = await passwords.hash('correct horse 42')
  putInForce(settings, { ...CHEAP, PASSWORD_HASH_ITERATIONS: 2 })
  expect(await passwords.verify('correct horse 42', phc)).toEqual({ matches: true, outdated: true })
  const renewed = await passwords.hash('correct horse 42')
  expect(await passwords.verify('correct horse 42', renewed)).toEqual({ matches: true, outdated: false })
})

test('refuses 129 characters before any hashing, and never cuts one short', async () => {
  const { passwords } = passwordsAndSettings()
  await expect(passwords.hash('x'.repeat(129))).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(passwords.verify('x'.repeat(129), undefined)).rejects.toMatchObject({ code: 'invalid_input' })
  const phc = await passwords.hash('x'.repeat(128))
  expect(await passwords.verify('x'.repeat(127), phc)).toMatchObject({ matches: false })
})

test('no account takes as long as a wrong password', async () => {
  const passwords = createPasswords({ settings: createSettings({ production: false }) })
  const phc = await passwords.hash('correct horse 42')
  const times = { unknown: [] as number[], wrong: [] as number[] }
  for (let i = 0; i < 21; i++) {
    for (const [kind, hash] of [['unknown', undefined] as const, ['wrong', phc] as const]) {
      const start = performance.now()
      expect(await passwords.verify('wrong horse 42', hash)).toEqual({ matches: false, outdated: false })
      times[kind].push(performance.now() - start)
    }
  }
  // The quickest of many is the one that nothing else on the machine disturbed.
  const ratio = Math.min(...times.unknown) / Math.min(...times.wrong)
  expect(ratio).toBeGreaterThan(0.8)
  expect(ratio).toBeLessThan(1.25)
})

test('a flood is answered as busy, and what was admitted is still served', async () => {
  const { passwords, settings } = passwordsAndSettings()
  putInForce(settings, { ...CHEAP, PASSWORD_HASH_PARALLELISM: 4 }) // few slots, on any machine
  const size = 800 * hashSlots({ memoryKiB: 7168, iterations: 1, parallelism: 4 }, { idle: true, processes: 1 })
  const guess = (i: number) => (i % 2 ? passwords.hash('a guess') : passwords.verify('a guess', undefined))
  const answers = await Promise.allSettled(Array.from({ length: size }, (_, i) => guess(i)))
  const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
  expect(reasons.length).toBeGreaterThan(0)
  for (const reason of reasons) expect(reason).toMatchObject({ code: 'busy' })
  expect(await passwords.verify('a guess', undefined)).toMatchObject({ matches: false })
})
