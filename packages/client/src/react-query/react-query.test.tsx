// @vitest-environment happy-dom
import { QueryClient, useMutation, useQuery } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import type { Latchkey } from '../latchkey.ts'
import { SignedIn } from '../react/index.ts'
import { expect, test } from '../testing/page.tsx'
import { PASSWORD } from '../testing/server.ts'
import { createQueryOptions, LatchkeyQueryProvider, useLatchkeyQueries } from './index.ts'

const newQueryClient = () => new QueryClient({ defaultOptions: { queries: { retry: false } } })

function Account() {
  const api = useLatchkeyQueries()
  const { data, error } = useQuery(api.me.get.queryOptions())
  return error === null ? (data?.email ?? 'reading') : `refused: ${error.data?.code}`
}

function Rename({ renamed }: { renamed: (name: string) => void }) {
  const api = useLatchkeyQueries()
  const { mutate } = useMutation(api.me.update.mutationOptions({ onSuccess: (me) => renamed(me.username) }))
  return <button type="button" onClick={() => mutate({ username: 'Ann' })} />
}

function App({ client, queryClient }: { client: Latchkey; queryClient: QueryClient }) {
  return (
    <StrictMode>
      <LatchkeyQueryProvider client={client} queryClient={queryClient}>
        <SignedIn>
          in: <Account />
        </SignedIn>
      </LatchkeyQueryProvider>
    </StrictMode>
  )
}

test('every procedure has its options', async ({ client, draw, logIn }) => {
  const email = await logIn()
  const page = draw(<App client={client} queryClient={newQueryClient()} />)
  await expect.poll(page.text).toBe(`in: ${email}`)
})

test('changes things, too', async ({ client, draw, logIn }) => {
  await logIn()
  const names: string[] = []
  const page = draw(
    <LatchkeyQueryProvider client={client} queryClient={newQueryClient()}>
      <Rename renamed={(name) => names.push(name)} />
    </LatchkeyQueryProvider>,
  )
  await expect.poll(() => page.container.querySelector('button')).not.toBeNull()
  page.container.querySelector('button')?.click()
  await expect.poll(() => names).toEqual(['Ann'])
  expect(client.session()?.user?.username).toBe('Ann')
})

test('signing out empties the cache, and asks for nothing that needs a session', async ({
  client,
  draw,
  logIn,
  network,
}) => {
  const queryClient = newQueryClient()
  const page = draw(<App client={client} queryClient={queryClient} />)
  const email = await logIn()
  await expect.poll(page.text).toBe(`in: ${email}`)
  queryClient.setQueryData(['notes'], ['mine'])
  const before = network.requests.length
  await client.logout()
  await expect.poll(() => queryClient.getQueryCache().getAll()).toEqual([])
  expect(network.requests.slice(before).filter((path) => !path.includes('auth.logout'))).toEqual([])
  expect(page.text()).toBe('')
})

test('what stays on the page is asked for anew', async ({ client, draw, logIn }) => {
  const email = await logIn()
  const page = draw(
    <LatchkeyQueryProvider client={client} queryClient={newQueryClient()}>
      <Account />
    </LatchkeyQueryProvider>,
  )
  await expect.poll(page.text).toBe(email)
  await client.logout()
  await expect.poll(page.text).toBe('refused: missing_token')
})

test('the next user sees nothing of the one before, not even without a logout', async ({
  client,
  draw,
  logIn,
  makeAccount,
}) => {
  const first = await logIn()
  const seen: string[] = []
  const queryClient = newQueryClient()
  const page = draw(<App client={client} queryClient={queryClient} />)
  await expect.poll(page.text).toBe(`in: ${first}`)
  const observer = new MutationObserver(() => seen.push(page.text()))
  const second = await makeAccount()
  client.on((event) => {
    if (event === 'SIGNED_IN') observer.observe(page.container, { childList: true, subtree: true, characterData: true })
  })
  await client.login({ ...second, password: PASSWORD })
  await expect.poll(page.text).toBe(`in: ${second.email}`)
  expect(seen).not.toContain(`in: ${first}`)
})

test('on a server nothing is asked for', ({ client, network }) => {
  expect(renderToString(<App client={client} queryClient={newQueryClient()} />)).toBe('')
  expect(network.requests).toEqual([])
})

test('a loader has the options without React', async ({ client, logIn }) => {
  const email = await logIn()
  const queryClient = newQueryClient()
  const api = createQueryOptions(client, queryClient)
  expect((await queryClient.ensureQueryData(api.me.get.queryOptions())).email).toBe(email)
  expect(queryClient.getQueryData(api.me.get.queryKey())?.email).toBe(email)
})

test('without a provider it says so', async ({ draw }) => {
  const { complaints } = draw(<Account />)
  await expect.poll(() => complaints).toEqual(['Error: There is no <LatchkeyQueryProvider> above this component.'])
})
