import { COMMAND } from '../audit/origin.ts'
import { followSettings } from '../settings/follow.ts'
import { QUICK_KEYS } from '../testing/keys.ts'
import { expect, test } from '../testing/test.ts'
import { compromiseKey } from './compromise.ts'
import { followKeys } from './follow.ts'
import { KEYS_CHANNEL } from './stored.ts'

const IN_TIME = { timeout: 5000, interval: 5 }
/** Milliseconds; longer than any test waits. */
const NEVER = 60_000

test('a compromised key is refused by instances that are told, long before they look', async ({
  createSigner,
  clock,
}) => {
  const core = await createSigner('EdDSA', { settings: QUICK_KEYS })
  const other = await createSigner('EdDSA', { databaseUrl: core.db.url, settings: QUICK_KEYS })
  const keys = followKeys(other, NEVER)
  let listening = false
  const hear = () => {
    listening = true
    keys.look()
  }
  const unfollow = followSettings(other, { others: { [KEYS_CHANNEL]: hear } }, NEVER)
  await expect.poll(() => listening, IN_TIME).toBe(true)
  const key = other.ring.active(clock.now())
  await compromiseKey(core, key.id, { actor: COMMAND })
  await expect.poll(() => other.ring.find(key.header), IN_TIME).toBeUndefined()
  await Promise.all([unfollow(), keys.stop()])
})

test('who is not told looks by itself', async ({ createSigner, clock }) => {
  const core = await createSigner('EdDSA', { settings: QUICK_KEYS })
  const other = await createSigner('EdDSA', { databaseUrl: core.db.url, settings: QUICK_KEYS })
  const keys = followKeys(other, 20)
  const key = other.ring.active(clock.now())
  await compromiseKey(core, key.id, { actor: COMMAND })
  await expect.poll(() => other.ring.find(key.header), IN_TIME).toBeUndefined()
  await keys.stop()
})
