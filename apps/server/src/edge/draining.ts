import { LatchkeyError } from '@latchkey/core'
import type { Rule } from './edge.ts'

/** Sends clients to another instance while this one finishes what runs. The load balancer may not have noticed yet. */
export function refuseWhileDraining(state: { draining: boolean }): Rule {
  return ({ env: { outgoing } }) => {
    if (!state.draining) return
    outgoing.setHeader('Connection', 'close')
    throw new LatchkeyError('unavailable', { retryAfter: 1 })
  }
}
