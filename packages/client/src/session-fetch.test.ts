import { expect, test } from 'vitest'
import { createSessionFetch } from './session-fetch.ts'

/** A service that knows one token, and a session that has an older one. */
function serviceOf(known: string) {
  const received: { token: string | null; body: string }[] = []
  const service: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const token = request.headers.get('authorization')
    received.push({ token, body: await request.text() })
    return new Response(null, { status: token === `Bearer ${known}` ? 200 : 401 })
  }
  const send = createSessionFetch(service, { fresh: async () => 'old', insteadOf: async () => 'new' })
  return { send, received, service }
}

const URL = 'https://notes.example.com/notes'

test.for([
  ['text', () => ['text', { method: 'POST', body: 'a note' }] as const],
  ['bytes', () => ['bytes', { method: 'POST', body: new TextEncoder().encode('a note') }] as const],
  ['a request', () => ['request', new Request(URL, { method: 'POST', body: 'a note' })] as const],
] as const)('%s is sent again with a new token after a 401', async ([, make]) => {
  const { send, received } = serviceOf('new')
  const [, what] = make()
  const answer = await (what instanceof Request ? send(what) : send(URL, what))
  expect(answer.status).toBe(200)
  expect(received).toEqual([
    { token: 'Bearer old', body: 'a note' },
    { token: 'Bearer new', body: 'a note' },
  ])
})

test('it is sent again once, and then the answer is what it is', async () => {
  const { send, received } = serviceOf('none of ours')
  expect((await send(URL)).status).toBe(401)
  expect(received).toHaveLength(2)
})

test('a stream is gone after the first time', async () => {
  const { send, received } = serviceOf('new')
  const body = new Blob(['a note']).stream()
  // Node asks for `duplex`, which its types do not know.
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
  expect((await send(URL, init)).status).toBe(401)
  expect(received).toEqual([{ token: 'Bearer old', body: 'a note' }])
})

test('headers stay, and whoever brings a token of his own keeps it', async () => {
  const { send, received, service } = serviceOf('mine')
  expect((await send(URL, { headers: { Authorization: 'Bearer mine' } })).status).toBe(200)
  expect((await send(new Request(URL, { headers: { authorization: 'Bearer mine' } }))).status).toBe(200)
  expect(received.map(({ token }) => token)).toEqual(['Bearer mine', 'Bearer mine'])
  const signedOut = createSessionFetch(service, { fresh: async () => null, insteadOf: async () => 'new' })
  expect((await signedOut(URL)).status).toBe(401)
  expect(received.at(-1)).toEqual({ token: null, body: '' })
})
