'use client'
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react'
import type { Latchkey } from '../latchkey.ts'
import { LatchkeyProvider } from '../react/index.ts'
import { forgetWithSession } from './forget-with-session.ts'
import { createQueryOptions, type LatchkeyQueryOptions } from './query-options.ts'

const Context = createContext<LatchkeyQueryOptions | null>(null)

/** What {@link LatchkeyQueryProvider} needs. */
export interface LatchkeyQueryProviderProps {
  client: Latchkey
  /** The one of the app; its cache is emptied when the session ends. */
  queryClient: QueryClient
  children: ReactNode
}

/** Gives both clients to all below: it is a `LatchkeyProvider` and a `QueryClientProvider`. */
export function LatchkeyQueryProvider({ client, queryClient, children }: LatchkeyQueryProviderProps): ReactNode {
  const options = useMemo(() => createQueryOptions(client, queryClient), [client, queryClient])
  useEffect(() => forgetWithSession(client, queryClient), [client, queryClient])
  return (
    <LatchkeyProvider client={client}>
      <QueryClientProvider client={queryClient}>
        <Context.Provider value={options}>{children}</Context.Provider>
      </QueryClientProvider>
    </LatchkeyProvider>
  )
}

/**
 * The options of every procedure for TanStack Query.
 *
 * @throws Error outside of a {@link LatchkeyQueryProvider}
 *
 * @example
 * const api = useLatchkeyQueries()
 * const { data } = useQuery(api.me.sessions.list.queryOptions())
 */
export function useLatchkeyQueries(): LatchkeyQueryOptions {
  const options = useContext(Context)
  if (options === null) throw new Error('There is no <LatchkeyQueryProvider> above this component.')
  return options
}
