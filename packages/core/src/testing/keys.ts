import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { rotateKeys, type Rotation } from '../signing-keys/rotate.ts'
import type { TestClock } from './clock.ts'

/** Settings with which a rotation takes no longer than its notice, so that tokens outlive it. */
export const QUICK_KEYS = { JWKS_MAX_AGE: 1, CLOCK_SKEW: 0 }

/** Rotates the signing key, and moves time on to the switch. */
export async function switchKey(core: Core, clock: TestClock): Promise<Rotation> {
  const rotation = await rotateKeys(core, { actor: COMMAND })
  clock.advance((rotation.at.getTime() - clock.now().getTime()) / 1000)
  return rotation
}
