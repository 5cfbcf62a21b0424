import { useLatchkeyQueries } from '@latchkey/client/react-query'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

/** Where else somebody is signed in; a session there can be ended from here. */
export function SessionsCard() {
  const { list, end } = useLatchkeyQueries().me.sessions
  const queries = useQueryClient()
  const { data } = useQuery(list.queryOptions())
  const ending = useMutation(end.mutationOptions({ onSettled: () => queries.invalidateQueries(list.pathFilter()) }))
  if (data === undefined) return null
  return (
    <section>
      <h2>Signed in on</h2>
      <ul className="card">
        {data.items.map(({ id, device, address, current }) => (
          <li key={id}>
            <div>
              {device ?? 'An app'}
              <small>{current ? 'This browser, all its tabs' : address}</small>
            </div>
            {!current && (
              <button type="button" disabled={ending.isPending} onClick={() => ending.mutate({ id })}>
                End session
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
