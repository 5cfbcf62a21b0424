import type { IncomingMessage } from 'node:http'
import { USER_AGENT_MAX_LENGTH } from '@latchkey/core'
import { deviceProofOf } from './device-proof.ts'
import type { Rule } from './edge.ts'

/** Notes where a request comes from, for the session that it opens and the audit events that it causes. */
export function noteOrigin(addressOf: (incoming: IncomingMessage) => string | null): Rule {
  return (c) => {
    const { incoming } = c.env
    const userAgent = incoming.headers['user-agent']?.slice(0, USER_AGENT_MAX_LENGTH) ?? null
    c.set('origin', {
      address: addressOf(incoming),
      userAgent,
      requestId: c.get('requestId'),
      device: deviceProofOf(incoming),
    })
  }
}
