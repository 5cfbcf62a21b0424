// @vitest-environment happy-dom
import { StrictMode, useRef } from 'react'
import { renderToString } from 'react-dom/server'
import { vi } from 'vitest'
import type { Latchkey } from '../latchkey.ts'
import { expect, test } from '../testing/page.tsx'
import { LatchkeyProvider, SessionLoading, SignedIn, SignedOut, useLatchkey, useSession, useUser } from './index.ts'

function Greeting() {
  const user = useUser()
  return user === undefined ? 'reading' : (user?.email ?? 'nobody')
}

/** An app: what everybody sees, and what only some see. */
function App({ client }: { client: Latchkey }) {
  return (
    <LatchkeyProvider client={client}>
      <SessionLoading>loading</SessionLoading>
      <SignedIn>
        in: <Greeting />
      </SignedIn>
      <SignedOut>out</SignedOut>
    </LatchkeyProvider>
  )
}

test('follows login and logout', async ({ client, draw, logIn }) => {
  const page = draw(<App client={client} />)
  await expect.poll(page.text).toBe('out')
  const email = await logIn()
  await expect.poll(page.text).toBe(`in: ${email}`)
  await client.logout()
  await expect.poll(page.text).toBe('out')
  expect(page.complaints).toEqual([])
})

test('a page from a server says nothing of a session, and is taken over without a fault', async ({
  client,
  draw,
  logIn,
}) => {
  const faults = vi.spyOn(console, 'error')
  const email = await logIn()
  const html = renderToString(<App client={client} />)
  expect(html).toBe('loading')
  const page = draw(<App client={client} />, html)
  await expect.poll(page.text).toBe(`in: ${email}`)
  expect(page.complaints).toEqual([])
  expect(faults).not.toHaveBeenCalled()
})

test('rendered on a server it waits for nothing, listens to nothing and calls nobody', ({ client, network }) => {
  const on = vi.spyOn(client, 'on')
  expect(renderToString(<App client={client} />)).toBe('loading')
  expect(on).not.toHaveBeenCalled()
  expect(network.requests).toEqual([])
})

test('in StrictMode as well, and leaves no listener behind', async ({ client, draw, logIn }) => {
  let listening = 0
  let begun = 0
  const counted: Latchkey = {
    ...client,
    on(listener) {
      begun++
      listening++
      const end = client.on(listener)
      return () => {
        listening--
        end()
      }
    },
  }
  const page = draw(
    <StrictMode>
      <App client={counted} />
    </StrictMode>,
  )
  const email = await logIn()
  await expect.poll(page.text).toBe(`in: ${email}`)
  page.unmount()
  await expect.poll(() => listening).toBe(0)
  expect(begun).toBeGreaterThan(0)
})

test('the account is read once for all who want it, and followed', async ({ client, draw, logIn, network }) => {
  const page = draw(
    <StrictMode>
      <LatchkeyProvider client={client}>
        <Greeting /> <Greeting /> <Greeting />
      </LatchkeyProvider>
    </StrictMode>,
  )
  await expect.poll(page.text).toBe('nobody nobody nobody')
  const email = await logIn()
  await expect.poll(page.text).toBe(`${email} ${email} ${email}`)
  // One request may carry several calls.
  expect(network.requests.join().split('me.get')).toHaveLength(2)
  const changed = `${crypto.randomUUID()}@example.com`
  await client.updateMe({ email: changed })
  await expect.poll(page.text).toBe(`${changed} ${changed} ${changed}`)
})

/** A service that refuses every other request, and `fetch` with it: a way to new tokens. */
const SERVICE = 'https://notes.example.com/'
const fetchWithService = (): typeof fetch => {
  let asked = 0
  return (input, init) =>
    input === SERVICE
      ? Promise.resolve(new Response(null, { status: ++asked % 2 === 1 ? 401 : 200 }))
      : fetch(input, init)
}

test('an account that could not be read is read with the next tokens', async ({
  openClient,
  draw,
  makeAccount,
  network,
}) => {
  const client = openClient({ fetch: fetchWithService() })
  const page = draw(<App client={client} />)
  await expect.poll(page.text).toBe('out')
  const account = await makeAccount()
  client.on((event) => {
    if (event === 'SIGNED_IN') network.weather = 'cut off'
  })
  await client.login(account)
  await expect.poll(page.text).toBe('in: reading')
  await expect.poll(() => network.requests.filter((path) => path.includes('me.get')).length).toBeGreaterThan(0)
  await client.safe.me()
  expect(page.text()).toBe('in: reading')
  network.weather = 'fine'
  await client.fetch(SERVICE)
  await expect.poll(page.text).toBe(`in: ${account.email}`)
})

/** How often it was drawn. */
function Count() {
  useSession()
  return `drawn ${++useRef(0).current}`
}

test('new tokens draw nothing anew', async ({ openClient, draw, makeAccount }) => {
  const client = openClient({ fetch: fetchWithService() })
  await client.login(await makeAccount())
  const page = draw(
    <LatchkeyProvider client={client}>
      <Count />
    </LatchkeyProvider>,
  )
  await expect.poll(page.text).toContain('drawn')
  const before = page.text()
  const heard: string[] = []
  client.on((event) => heard.push(event))
  expect((await client.fetch(SERVICE)).status).toBe(200)
  expect(heard).toContain('TOKEN_REFRESHED')
  expect(page.text()).toBe(before)
})

test('the hooks give the client of the provider, and say where there is none', async ({ client, draw }) => {
  let given: Latchkey | undefined
  function Child() {
    given = useLatchkey()
    return 'child'
  }
  const page = draw(
    <LatchkeyProvider client={client}>
      <Child />
    </LatchkeyProvider>,
  )
  await expect.poll(page.text).toBe('child')
  expect(given).toBe(client)
  const alone = draw(<Child />)
  await expect.poll(() => alone.complaints).toEqual(['Error: There is no <LatchkeyProvider> above this component.'])
})
