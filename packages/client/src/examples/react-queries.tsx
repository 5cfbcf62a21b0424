import { createLatchkeyClient } from '@latchkey/client'
import { LatchkeyQueryProvider, useLatchkeyQueries } from '@latchkey/client/react-query'
import { SignedIn } from '@latchkey/client/react'
import { QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

const latchkey = createLatchkeyClient({ url: 'http://localhost:8000' })
/** The Latchkey client tries again by itself, where that makes sense. */
const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } })

export const App = () => (
  <LatchkeyQueryProvider client={latchkey} queryClient={queryClient}>
    <SignedIn>
      <Sessions />
    </SignedIn>
  </LatchkeyQueryProvider>
)

function Sessions() {
  const { list, end } = useLatchkeyQueries().me.sessions
  const queries = useQueryClient()
  const { data, error } = useQuery(list.queryOptions())
  const ending = useMutation(end.mutationOptions({ onSuccess: () => queries.invalidateQueries(list.pathFilter()) }))
  if (error !== null) return <p>{error.message}</p>
  return (
    <ul>
      {data?.items.map(({ id, device }) => (
        <li key={id}>
          {device ?? 'An app'} <button onClick={() => ending.mutate({ id })}>End</button>
        </li>
      ))}
    </ul>
  )
}
