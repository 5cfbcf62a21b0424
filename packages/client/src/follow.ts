import type { Operation } from '@trpc/client'
import type { Outcome } from './call-link.ts'
import { isObject } from './is-object.ts'
import type { KeptText } from './kept-text.ts'
import { isMe } from './record.ts'
import type { SessionStore } from './session-store.ts'
import type { SignIn } from './sign-in.ts'
import { DEVICE_HEADER } from './transport-link.ts'

/**
 * What calls mean for the session, however they are made: by the client's own methods, or straight by their procedure,
 * as with TanStack Query.
 */
export function createFollow({
  store,
  signIn,
  device,
}: {
  store: SessionStore
  signIn: SignIn
  device: KeptText
}): (operation: Operation) => (outcome: Outcome) => unknown {
  const endNow = (sessionId: string | undefined) => {
    if (sessionId !== undefined && store.held()?.claims.sessionId === sessionId) store.end()
  }

  return (operation) => {
    const sessionId = store.held()?.claims.sessionId
    switch (operation.path) {
      case 'auth.login': {
        const begin = signIn.wish()
        return async ({ data, headers }) => {
          await begin(data)
          const proof = headers?.get(DEVICE_HEADER)
          if (proof) await device.write(proof)
        }
      }
      case 'me.get':
      case 'me.update':
        return ({ data }) => (isMe(data) ? store.learn(data) : undefined)
      case 'me.delete':
        return () => endNow(sessionId)
      case 'me.sessions.end': {
        const { id } = isObject(operation.input) ? operation.input : {}
        return () => (String(id).toLowerCase() === sessionId ? endNow(sessionId) : undefined)
      }
      default:
        return () => {}
    }
  }
}
