import { type Answer, expect, type Send, test } from './testing/served.ts'

const KEY = '8e03978e-40d5-43dd-bc93-6894a57f9324'
/** Seconds: the grace is over, and a retry key still fetches the successor. */
const LATER = 200

/** Both ways to refresh, and where each has its refusal. */
const WAYS = [
  { way: 'REST', path: '/api/refresh/', tokenOf: (answer: Answer) => answer.json().refresh_token },
  { way: 'tRPC', path: '/trpc/auth.refresh', tokenOf: (answer: Answer) => resultOf(answer).refresh_token },
]

const resultOf = ({ text }: Answer) => (JSON.parse(text) as { result: { data: { refresh_token: string } } }).result.data

const refreshAt = (send: Send, path: string) => (refreshToken: string, key?: string) =>
  send('POST', path, {
    body: { refresh_token: refreshToken },
    ...(key !== undefined && { headers: { 'idempotency-key': key } }),
  })

test.for(WAYS)(
  '$way: the key fetches the same pair after the grace, in quotes and bare; another one is a replay',
  async ({ path, tokenOf }, { send, login, clock, logged }) => {
    const refresh = refreshAt(send, path)
    const { refreshToken: parent } = await login()
    const child = tokenOf(await refresh(parent, `"${KEY}"`))
    clock.advance(LATER)
    const again = await refresh(parent, KEY)
    expect(again.status).toBe(200)
    expect(tokenOf(again)).toBe(child)
    expect((await refresh(parent, KEY.toUpperCase())).status).toBe(401)
    expect((await refresh(String(child), KEY)).status).toBe(401)
    expect(JSON.stringify(logged).toLowerCase()).not.toContain(KEY)
  },
)

test.for(WAYS)('$way: a key that is none is named, and nothing was exchanged', async ({ path }, { send, login }) => {
  const refresh = refreshAt(send, path)
  const { refreshToken } = await login()
  for (const key of ['', 'two words', '"unclosed', 'x'.repeat(256)]) {
    const refused = await refresh(refreshToken, key)
    expect(refused.status, key).toBe(400)
    expect(refused.text).toContain('"path":["Idempotency-Key"],"code":"idempotency_key_invalid"')
  }
  expect((await refresh(refreshToken, KEY)).status).toBe(200)
})

test('one key may go with several exchanges, as in a batch of tRPC: each fetches its own', async ({
  send,
  login,
  clock,
}) => {
  const tokens = [(await login()).refreshToken, (await login()).refreshToken]
  const refreshBoth = async () => {
    const body = Object.fromEntries(tokens.map((token, at) => [at, { refresh_token: token }]))
    const headers = { 'idempotency-key': KEY }
    const { text } = await send('POST', '/trpc/auth.refresh,auth.refresh?batch=1', { headers, body })
    return (JSON.parse(text) as { result: { data: { refresh_token: string } } }[]).map(({ result }) => result.data)
  }
  const pairs = await refreshBoth()
  expect(new Set(pairs.map((pair) => pair.refresh_token)).size).toBe(2)
  clock.advance(LATER)
  expect((await refreshBoth()).map((pair) => pair.refresh_token)).toEqual(pairs.map((pair) => pair.refresh_token))
})

test('other operations do not read the key', async ({ send, makeAccount }) => {
  const { email, password } = await makeAccount()
  const headers = { 'idempotency-key': 'two words' }
  expect((await send('POST', '/api/login/', { headers, body: { email, password } })).status).toBe(200)
})

test('the document names the header, at refresh and nowhere else', async ({ send }) => {
  const { paths } = JSON.parse((await send('GET', '/openapi.json')).text) as {
    paths: Record<string, Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>>
  }
  const naming = Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .filter(({ parameters = [] }) => parameters.some(({ name }) => name === 'Idempotency-Key'))
  expect(naming).toMatchObject([
    { operationId: 'auth-refresh', parameters: [{ in: 'header', name: 'Idempotency-Key' }] },
  ])
})
