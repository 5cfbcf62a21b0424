import type { Core } from '@latchkey/core'
import { LatchkeyError } from '@latchkey/core'
import type { Rule } from './edge.ts'

/**
 * Refuses what comes before settings and keys are loaded. Requests are answered from the moment the port is open; by its
 * default, registration would be open until the revision that closed it is read.
 */
export function refuseUntilReady({ ring }: Core): Rule {
  return () => {
    if (!ring.loaded()) throw new LatchkeyError('unavailable', { retryAfter: 1 })
  }
}
