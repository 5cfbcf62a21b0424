import { PASSWORD, type TestAccount } from '@latchkey/core/testing'
import { createClientAddress } from './edge/client-address.ts'
import { type Answer, expect, type Send, sendTo, test as base } from './testing/served.ts'

/** The app with limits, behind a proxy that is trusted: each test has addresses of its own. */
const test = base
  .extend('core', ({ createInstance }) => createInstance({ rateLimits: true }))
  .extend('port', ({ serve }) => serve({ clientAddress: createClientAddress(['127.0.0.1']) }))
  .extend('address', () => `2001:db8:${(next++).toString(16)}`)
  .extend('makeAccount', ({ port, address }) => async (): Promise<TestAccount> => {
    const email = `${crypto.randomUUID()}@example.com`
    const body = { email, password: PASSWORD }
    const answer = await sendTo(port)('POST', '/api/register/', { body, headers: from(`${address}::1`) })
    return { ...body, id: Number(answer.json().id) }
  })

let next = process.pid % 50_000

const from = (address: string) => ({ 'x-forwarded-for': address })

const logIn = (send: Send, email: string, password: string, headers: Record<string, string>): Promise<Answer> =>
  send('POST', '/api/login/', { body: { email, password }, headers })

/** Spends what the account has for devices that it does not know: from more addresses than that takes. */
async function flood(send: Send, email: string, address: string): Promise<void> {
  for (let prefix = 16; prefix < 32; prefix++) {
    await logIn(send, email, 'wrong', from(`${address}:${prefix.toString(16)}00::1`))
  }
}

test('a spent limit is a 429 that says which one, and when to come again', async ({ send, makeAccount, address }) => {
  const { email } = await makeAccount()
  const wrong = (headers: Record<string, string>) => logIn(send, email, 'wrong', headers)
  for (let i = 0; i < 5; i++) expect((await wrong(from(`${address}::1`))).status).toBe(401)
  const refused = await wrong(from(`${address}::1`))
  expect(refused.status).toBe(429)
  expect(refused.json().code).toBe('too_many_requests')
  expect(refused.headers).toMatchObject({
    'retry-after': expect.stringMatching(/^\d+$/),
    'ratelimit-policy': '"login-account";q=5;w=60',
    ratelimit: expect.stringMatching(/^"login-account";r=0;t=\d+$/),
  })
  // Another address of the same /56, and the same e-mail in other letters.
  expect((await wrong(from(`${address}:ff::9`))).status).toBe(429)
  expect((await logIn(send, email.toUpperCase(), 'wrong', from(`${address}::1`))).status).toBe(429)
  expect((await wrong(from(`${address}:100::1`))).status).toBe(401)
})

test('REST, tRPC and a batch of tRPC share one budget', async ({ send, makeAccount, address }) => {
  const { email } = await makeAccount()
  const headers = from(`${address}::1`)
  await logIn(send, email, 'wrong', headers)
  const input = { email, password: 'wrong' }
  expect((await send('POST', '/trpc/auth.login', { body: input, headers })).status).toBe(401)
  const path = `/trpc/${Array<string>(10).fill('auth.login').join(',')}?batch=1`
  const body = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [i, input]))
  const batch: unknown = JSON.parse((await send('POST', path, { body, headers })).text)
  const statuses = Array.isArray(batch) ? batch.map((each) => each.error.data.status) : []
  expect(statuses.toSorted((a, b) => a - b)).toEqual([...Array<number>(3).fill(401), ...Array<number>(7).fill(429)])
})

test('who has logged in from a device gets in by its proof, whatever others do', async ({
  send,
  makeAccount,
  address,
  logged,
}) => {
  const { email, password } = await makeAccount()
  const home = from(`${address}::1`)
  const { headers } = await logIn(send, email, password, home)
  const proof = String(headers['latchkey-device'])
  const [cookie = ''] = headers['set-cookie'] ?? []
  expect(cookie).toBe(`latchkey_device=${proof}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax`)
  await flood(send, email, address)
  const elsewhere = from(`${address}:ee00::1`)
  expect((await logIn(send, email, password, elsewhere)).headers['ratelimit-policy']).toMatch(/^"login-delay"/)
  expect((await logIn(send, email, password, { ...elsewhere, 'latchkey-device': proof })).status).toBe(200)
  expect((await logIn(send, email, password, { ...elsewhere, cookie: `a=b; latchkey_device=${proof}` })).status).toBe(
    200,
  )
  expect((await logIn(send, email, password, { ...elsewhere, 'latchkey-device': proof.toLowerCase() })).status).toBe(
    429,
  )
  expect(JSON.stringify(logged)).not.toContain(proof)
})

test('ten registrations an hour from one address', async ({ send, address }) => {
  const register = () =>
    send('POST', '/api/register/', {
      body: { email: `${crypto.randomUUID()}@example.com`, password: PASSWORD },
      headers: from(`${address}::1`),
    })
  const statuses: number[] = []
  for (let i = 0; i < 11; i++) statuses.push((await register()).status)
  expect(statuses).toEqual([...Array<number>(10).fill(201), 429])
})

test('unknown refresh tokens are limited by address, and known ones go on', async ({ send, makeAccount, address }) => {
  const { email, password } = await makeAccount()
  const headers = from(`${address}::1`)
  let token = String((await logIn(send, email, password, headers)).json().refresh_token)
  const refresh = (refreshToken: string) =>
    send('POST', '/api/refresh/', { body: { refresh_token: refreshToken }, headers })
  token = String((await refresh(token)).json().refresh_token)
  const statuses: number[] = []
  for (let i = 0; i < 61; i++) statuses.push((await refresh(crypto.randomUUID())).status)
  expect(statuses).toEqual([...Array<number>(60).fill(401), 429])
  expect((await refresh(token)).status).toBe(200)
})
