import { expect, test } from 'vitest'
import { keepText, storageNamed } from './kept-text.ts'
import type { TokenStorage } from './token-storage.ts'

/** A storage in which calls can be made to fail. */
function fragile(): TokenStorage & { items: Map<string, string>; failing: Set<string> } {
  const items = new Map<string, string>()
  const failing = new Set<string>()
  const check = (call: string) => {
    if (failing.has(call)) throw new DOMException('no', 'QuotaExceededError')
  }
  return {
    items,
    failing,
    getItem: (key) => (check('get'), items.get(key) ?? null),
    setItem: (key, value) => (check('set'), void items.set(key, value)),
    removeItem: (key) => (check('remove'), void items.delete(key)),
  }
}

test('keeps a text, and forgets it', async () => {
  const storage = fragile()
  const kept = keepText(storage, 'key')
  expect(await kept.read()).toBeNull()
  await kept.write('text')
  expect(await keepText(storage, 'key').read()).toBe('text')
  await kept.write(null)
  expect(storage.items.size).toBe(0)
})

test('a full storage loses nothing, and keeps nothing that is old', async () => {
  const storage = fragile()
  const kept = keepText(storage, 'key')
  await kept.write('old')
  storage.failing.add('set')
  await kept.write('new')
  expect(await kept.read()).toBe('new')
  expect(storage.items.size).toBe(0)
})

test('a storage that breaks later has shown what was in it', async () => {
  const storage = fragile()
  const kept = keepText(storage, 'key')
  await kept.write('text')
  storage.failing.add('get').add('remove').add('set')
  expect(await kept.read()).toBe('text')
  await kept.write(null)
  expect(await kept.read()).toBeNull()
})

test('a storage may be asynchronous, and refuse so', async () => {
  const refused = () => Promise.reject(new Error('locked'))
  const kept = keepText({ getItem: refused, setItem: refused, removeItem: refused }, 'key')
  expect(await kept.read()).toBeNull()
  await kept.write('text')
  expect(await kept.read()).toBe('text')
})

test('a browser that blocks its storage at the mere name has none', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'localStorage')
  const get = () => {
    throw new DOMException('denied', 'SecurityError')
  }
  Object.defineProperty(globalThis, 'localStorage', { get, configurable: true })
  try {
    expect(storageNamed('localStorage')).toBeUndefined()
  } finally {
    if (before) Object.defineProperty(globalThis, 'localStorage', before)
  }
  expect(storageNamed('memory')).toBeUndefined()
})
