import type { QueryClient } from '@tanstack/react-query'
import { createTRPCOptionsProxy, type TRPCOptionsProxy } from '@trpc/tanstack-react-query'
import type { Latchkey } from '../latchkey.ts'
import type { AppRouter } from '../router.ts'

/** `queryOptions()`, `mutationOptions()` and query keys for every procedure of the server. */
export type LatchkeyQueryOptions = TRPCOptionsProxy<AppRouter>

/**
 * Makes the options for TanStack Query, without React: for the loaders of a router. In components they come from
 * {@link useLatchkeyQueries}.
 */
export function createQueryOptions(client: Latchkey, queryClient: QueryClient): LatchkeyQueryOptions {
  return createTRPCOptionsProxy<AppRouter>({ client: client.api, queryClient })
}
