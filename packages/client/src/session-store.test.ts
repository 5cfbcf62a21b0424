import { expect, test as base } from 'vitest'
import type { KeptText } from './kept-text.ts'
import { since, thisMoment } from './lifetime.ts'
import { platformEnvironment } from './platform.ts'
import { type HeldSession, holdPair } from './record.ts'
import { openSessionStore } from './session-store.ts'
import { makePair } from './testing/tokens.ts'

let clock = { monotonic: 0, wall: 1_800_000_000_000 }
const environment = { ...platformEnvironment(), monotonic: () => clock.monotonic, wallClock: () => clock.wall }
const hold = (claims: object, before?: HeldSession) =>
  holdPair(makePair(claims), { environment, asked: thisMoment(environment), before })

/** A storage whose reads a test can hold up. */
function slowText(): KeptText & { text: string | null; holdUp: () => () => void } {
  let held = Promise.resolve()
  const slow = {
    text: null as string | null,
    holdUp() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
    async read() {
      const found = slow.text
      await held
      return found
    },
    async write(text: string | null) {
      slow.text = text
    },
  }
  return slow
}

const test = base
  .extend('heard', (): string[] => [])
  .extend('text', () => slowText())
  .extend('open', ({ heard, text }) => () => {
    return openSessionStore({ environment, text, emit: (event) => void heard.push(event), announce: () => {} })
  })
  .extend('store', ({ open }) => open())

test('who logs out while the storage is being read stays logged out', async ({ store, text, heard }) => {
  await store.ready
  await store.begin(hold({}))
  const letRead = text.holdUp()
  const readings = [store.reread(), store.reread()]
  await Promise.resolve()
  expect(store.end()).not.toBeNull()
  letRead()
  expect(await Promise.all(readings)).toEqual([null, null])
  expect(await store.reread()).toBeNull()
  expect([store.session(), text.text, heard]).toEqual([null, null, ['SIGNED_IN', 'SIGNED_OUT']])
})

test('who logs in before the storage was read is logged in', async ({ text, heard, open }) => {
  text.text = JSON.stringify(hold({ sid: 'an old session' }).record)
  const letRead = text.holdUp()
  const store = open()
  const begun = store.begin(hold({ sid: 'a new session' }))
  letRead()
  await begun
  expect(await store.ready).toMatchObject({ id: 'a new session' })
  expect(await store.reread()).toMatchObject({ claims: { sessionId: 'a new session' } })
  expect(heard).toEqual([])
})

test('new tokens come in the place of their parent, and of nothing else', async ({ store }) => {
  await store.ready
  const parent = hold({})
  const [one, two] = [hold({}, parent), hold({}, parent)]
  await store.begin(parent)
  expect(await store.replace(parent, one)).toEqual(one)
  expect(await store.replace(parent, two)).toMatchObject({ record: one.record })
  expect(await store.drop(parent)).toMatchObject({ record: one.record })
  expect(await store.drop(one)).toBeNull()
})

test('tokens grow no younger when the clock is put back a little and they are read again', async ({ store }) => {
  await store.ready
  await store.begin(hold({}))
  clock = { monotonic: clock.monotonic + 20_000, wall: clock.wall + 20_000 - 8000 }
  const held = await store.reread()
  expect(held && since(held.asked, environment)).toBe(20_000)
})
