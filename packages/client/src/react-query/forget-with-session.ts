import type { QueryClient } from '@tanstack/react-query'
import type { Latchkey } from '../latchkey.ts'

/**
 * Empties the cache when a session ends, and when another one takes its place: what one user was shown is nothing for the
 * next. Answers that are still under way are thrown away, and what is still on the page is asked for anew.
 *
 * @returns ends that
 */
export function forgetWithSession(client: Latchkey, queryClient: QueryClient): () => void {
  let id = client.session()?.id
  return client.on((_event, session) => {
    const before = id
    id = session?.id
    if (before === undefined || before === id) return
    void queryClient.cancelQueries()
    // Once React has taken away what only the signed in see: nobody shall ask for that without a token.
    setTimeout(() => {
      queryClient.removeQueries({ type: 'inactive' })
      queryClient.getMutationCache().clear()
      void queryClient.resetQueries()
    })
  })
}
