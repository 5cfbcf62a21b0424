import type { Operation } from '@trpc/client'
import { readAccessToken } from './access-token.ts'
import type { Outcome } from './call-link.ts'
import { isObject } from './is-object.ts'
import type { KeptText } from './kept-text.ts'
import { isMe } from './record.ts'
import type { SessionStore } from './session-store.ts'
import type { SignIn } from './sign-in.ts'
import { DEVICE_HEADER, TOKEN } from './transport-link.ts'

/**
 * What calls mean for the session, however they are made: by the client's own methods, or straight by their procedure,
 * as with TanStack Query.
 *
 * @returns what sees each call begin, and gives what sees how it succeeded
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
  let reads = 0
  let learned = 0

  /** Ends the session that made this call, if it still is the one. */
  const endOf = ({ context }: Operation) => {
    const sessionId = readAccessToken(String(context[TOKEN]))?.sessionId
    if (store.held()?.claims.sessionId === sessionId) store.end()
  }

  return (operation) => {
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
      case 'me.update': {
        const mine = ++reads
        return async ({ data }) => {
          // What was asked before a change, and answered after it, is old.
          if (!isMe(data) || mine < learned) return
          learned = mine
          await store.learn(data)
        }
      }
      case 'me.delete':
        return () => endOf(operation)
      case 'me.sessions.end':
        return () => {
          const { id } = isObject(operation.input) ? operation.input : {}
          if (String(id).toLowerCase() === store.held()?.claims.sessionId) endOf(operation)
        }
      default:
        return () => {}
    }
  }
}
