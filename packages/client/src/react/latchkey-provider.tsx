'use client'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import type { Latchkey } from '../latchkey.ts'
import { createReadUser, type ReadUser } from './read-user.ts'

/** What the hooks find above them. */
interface Provided {
  client: Latchkey
  readUser: ReadUser
}

const Context = createContext<Provided | null>(null)

/** What {@link LatchkeyProvider} needs. */
export interface LatchkeyProviderProps {
  /** Made once, outside of components; on a server one for each request, or none of a user's at all. */
  client: Latchkey
  children: ReactNode
}

/** Gives the client to all below. Nothing of it is read while a page is rendered on a server. */
export function LatchkeyProvider({ client, children }: LatchkeyProviderProps): ReactNode {
  const provided = useMemo(() => ({ client, readUser: createReadUser(client) }), [client])
  return <Context.Provider value={provided}>{children}</Context.Provider>
}

/** The client: for `login()`, `logout()` and all that it offers. @throws Error outside of a {@link LatchkeyProvider} */
export function useLatchkey(): Latchkey {
  return useProvided().client
}

/** For the hooks of this folder. */
export function useProvided(): Provided {
  const provided = useContext(Context)
  if (provided === null) throw new Error('There is no <LatchkeyProvider> above this component.')
  return provided
}
