'use client'
import { useCallback, useSyncExternalStore } from 'react'
import type { Session } from '../session.ts'
import { useLatchkey } from './latchkey-provider.tsx'

/** A page that comes from a server says nothing yet: what it is made of is the same for everybody. */
const onServer = () => undefined

/**
 * The session: null when nobody is signed in, undefined until that is known. On a server, and while its page is taken
 * over in the browser, it is undefined, so that both render the same.
 *
 * The component renders anew when the session begins, ends or changes, in whichever tab that happens; not when its tokens
 * are refreshed.
 */
export function useSession(): Session | null | undefined {
  const client = useLatchkey()
  const subscribe = useCallback((changed: () => void) => client.on(() => changed()), [client])
  return useSyncExternalStore(subscribe, () => client.session(), onServer)
}
