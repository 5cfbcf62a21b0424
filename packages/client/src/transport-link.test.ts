import { createTRPCClient } from '@trpc/client'
import { expect, test } from 'vitest'
import type { AppRouter } from './router.ts'
import { makePair } from './testing/tokens.ts'
import { TOKEN, transportLink } from './transport-link.ts'

/** Calls with a token each, in the same moment; gives what was sent, and how each ended. */
async function callWith(...tokens: string[]) {
  const sent: (string | null)[] = []
  const fetch = async (_: string, init: RequestInit) => {
    sent.push(new Headers(init.headers).get('authorization'))
    return Response.json(tokens.map(() => ({ result: { data: {} } })))
  }
  const server = { endpoint: 'http://localhost:8000/trpc', fetch, headers: {} }
  const client = createTRPCClient<AppRouter>({ links: [transportLink(server, async () => null)] })
  const calls = tokens.map((token) => client.me.get.query(undefined, { context: { [TOKEN]: token } }))
  const ended = await Promise.allSettled(calls)
  return { sent, ended: ended.map((each) => (each.status === 'rejected' ? each.reason : undefined) as unknown) }
}

test('calls of one session go together, with the newest token', async () => {
  const [old, young] = [makePair().access_token, makePair({ iat: 1_700_000_001 }).access_token]
  expect(await callWith(old, young)).toEqual({ sent: [`Bearer ${young}`], ended: [undefined, undefined] })
})

test('calls of two sessions never do: neither is sent', async () => {
  const { sent, ended } = await callWith(makePair().access_token, makePair({ sid: 'another session' }).access_token)
  expect(sent).toEqual([])
  expect(ended).toMatchObject([{ code: 'superseded' }, { code: 'superseded' }])
})
