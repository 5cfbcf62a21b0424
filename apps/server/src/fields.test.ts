import { putInForce } from '@latchkey/core/testing'
import { expect, type Send, test } from './testing/served.ts'

const PASSWORD = 'password'
const email = () => `${crypto.randomUUID()}@example.com`

async function faultsOf(send: Send, body: object): Promise<string[] | undefined> {
  const answer = await send('POST', '/api/register/', { body })
  expect(answer.status, answer.text).toBe(400)
  const { code, errors } = answer.json()
  expect(code).toBe('invalid_input')
  return errors?.map((error) => `${error.path.join('.')} ${error.code}`)
}

test('every fault is named, with its field', async ({ send }) => {
  expect(await faultsOf(send, {})).toEqual(['email email_missing', 'password password_missing'])
  expect(await faultsOf(send, { email: null, password: 1 })).toEqual([
    'email email_wrong_type',
    'password password_wrong_type',
  ])
  expect(await faultsOf(send, { email: ['a@example.com'], password: { $ne: '' } })).toEqual([
    'email email_wrong_type',
    'password password_wrong_type',
  ])
  expect(await faultsOf(send, { email: true, password: PASSWORD })).toEqual(['email email_wrong_type'])
  expect(await faultsOf(send, { email: 'nobody', password: PASSWORD })).toEqual(['email email_invalid'])
  expect(await faultsOf(send, { email: email(), password: 'short' })).toEqual(['password password_too_short'])
})

test.for(['\0', 'a\0b', '\ud800', 'a\udc00b', '\udc00\ud800'])(
  'NUL and halves of characters are refused: %j',
  async (bad, { send, login }) => {
    expect(await faultsOf(send, { email: `${bad}@example.com`, password: PASSWORD })).toEqual(['email email_malformed'])
    expect(await faultsOf(send, { email: email(), password: `${bad}${PASSWORD}` })).toEqual([
      'password password_malformed',
    ])
    const headers = { authorization: `Bearer ${(await login()).accessToken}` }
    expect((await send('PUT', '/api/me/', { headers, body: { username: bad } })).status).toBe(400)
    expect((await send('PUT', '/api/me/', { headers, body: { email: `${bad}@example.com` } })).status).toBe(400)
    expect((await send('POST', '/api/login/', { body: { email: bad, password: bad } })).status).toBe(400)
    expect((await send('POST', '/api/refresh/', { body: { refresh_token: bad } })).status).toBe(400)
    expect((await send('GET', '/api/me/', { headers })).status).toBe(200)
  },
)

test('an e-mail address may have 254 characters', async ({ send, login }) => {
  const long = (length: number) => `${'l'.repeat(60)}@${`${'d'.repeat(60)}.`.repeat(4).slice(0, length - 61 - 4)}.com`
  expect(long(254)).toHaveLength(254)
  expect(await faultsOf(send, { email: long(255), password: PASSWORD })).toEqual(['email email_too_long'])
  expect(await faultsOf(send, { email: 'x'.repeat(60_000), password: PASSWORD })).toEqual(['email email_too_long'])
  const headers = { authorization: `Bearer ${(await login()).accessToken}` }
  expect((await send('PUT', '/api/me/', { headers, body: { email: long(255) } })).status).toBe(400)
})

test('a password may have 128 characters after NFC; a longer one is never hashed', async ({ send, core }) => {
  const accents = 'e\u0301'.repeat(128) // 256 code points as typed
  const account = { email: email(), password: accents }
  expect((await send('POST', '/api/register/', { body: account })).status).toBe(201)
  expect((await send('POST', '/api/login/', { body: { ...account, password: '\u00e9'.repeat(128) } })).status).toBe(200)
  expect((await send('POST', '/api/register/', { body: { email: email(), password: '🔑'.repeat(128) } })).status).toBe(
    201,
  )

  // Hashing at a second each: whoever hashes one of these is too late.
  putInForce(core.settings, { PASSWORD_HASH_MEMORY: 262_144, PASSWORD_HASH_ITERATIONS: 10 })
  const start = performance.now()
  for (const password of ['x'.repeat(129), 'x'.repeat(60_000), '🔑'.repeat(129), `${accents}e`]) {
    expect(await faultsOf(send, { email: email(), password })).toEqual(['password password_too_long'])
    expect((await send('POST', '/api/login/', { body: { email: account.email, password } })).status).toBe(400)
  }
  expect(performance.now() - start).toBeLessThan(500)
})

test('a username may have 150 characters of any script, and be emptied again', async ({ send, login }) => {
  const headers = { authorization: `Bearer ${(await login()).accessToken}` }
  const put = (body: object) => send('PUT', '/api/me/', { headers, body })
  for (const username of [
    'x'.repeat(150),
    '🔑'.repeat(150),
    'Ж漢ابअ',
    'O\'Brien"; drop table account; --',
    '<b>',
    '',
  ]) {
    const answer = await put({ username })
    expect(answer.status).toBe(200)
    expect(answer.json().username).toBe(username)
  }
  for (const username of ['x'.repeat(151), '🔑'.repeat(151), 'x'.repeat(60_000)]) {
    const answer = await put({ username })
    expect(answer.status).toBe(400)
    expect(answer.json()).toMatchObject({
      code: 'invalid_input',
      errors: [{ path: ['username'], code: 'username_too_long', message: 'This may have up to 150 characters.' }],
    })
  }
})

test('PUT /me changes what is there and leaves the rest, nothing included', async ({ send, login }) => {
  const headers = { authorization: `Bearer ${(await login()).accessToken}` }
  const put = async (body: object) => (await send('PUT', '/api/me/', { headers, body })).json()
  const before = (await send('GET', '/api/me/', { headers })).json()
  expect(await put({})).toEqual(before)
  expect(await put({ id: 7, role: 'admin', password: 'x', active: false })).toEqual(before)
  expect(await put({ username: 'John Smith' })).toEqual({ ...before, username: 'John Smith' })
  const moved = email()
  expect(await put({ email: moved })).toEqual({ ...before, username: 'John Smith', email: moved })
  expect(await put({ username: '', email: String(before.email) })).toEqual(before)
  expect((await put({ username: null })).code).toBe('invalid_input')
})

test('an e-mail address of somebody else is taken, in any letter case', async ({ send, login, makeAccount }) => {
  const { email: taken } = await makeAccount()
  const headers = { authorization: `Bearer ${(await login()).accessToken}` }
  for (const typed of [taken, taken.toUpperCase(), ` ${taken} `]) {
    expect((await send('POST', '/api/register/', { body: { email: typed, password: PASSWORD } })).json().code).toBe(
      'email_taken',
    )
    const refused = await send('PUT', '/api/me/', { headers, body: { email: typed, username: 'not kept' } })
    expect(refused).toMatchObject({ status: 409 })
  }
  expect((await send('GET', '/api/me/', { headers })).json().username).toBe('')
})

test('a refresh token is any UUID, in any letter case; what is none is a bad request', async ({ send, login }) => {
  const { refreshToken } = await login()
  const refresh = (token: unknown) => send('POST', '/api/refresh/', { body: { refresh_token: token } })
  expect((await refresh(refreshToken.toUpperCase())).status).toBe(200)
  for (const unknown of [
    crypto.randomUUID(),
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'A'.repeat(8) + '-1111-1111-1111-' + 'b'.repeat(12),
  ]) {
    expect((await refresh(unknown)).json()).toMatchObject({ status: 401, code: 'invalid_refresh_token' })
  }
  for (const bad of [
    '',
    'x',
    refreshToken.slice(1),
    `${refreshToken} `,
    `{${refreshToken}}`,
    refreshToken.replaceAll('-', ''),
    refreshToken.replace('-', '\u2010'),
  ]) {
    const answer = await refresh(bad)
    expect(answer.status).toBe(400)
    expect(answer.json().errors).toEqual([
      { path: ['refresh_token'], code: 'refresh_token_invalid', message: 'This is not a UUID.' },
    ])
    expect((await send('POST', '/api/logout/', { body: { refresh_token: bad } })).status).toBe(400)
  }
  expect((await refresh(undefined)).json().errors?.[0]?.code).toBe('refresh_token_missing')
  expect((await refresh(7)).json().errors?.[0]?.code).toBe('refresh_token_wrong_type')
})

test('wrong password and unknown account cannot be told apart', async ({ send, makeAccount }) => {
  const { email: known } = await makeAccount()
  const wrong = await send('POST', '/api/login/', { body: { email: known, password: 'another one' } })
  const unknown = await send('POST', '/api/login/', { body: { email: email(), password: 'another one' } })
  const none = await send('POST', '/api/login/', { body: { email: 'no address', password: 'another one' } })
  const bare = ({ status, headers, json }: typeof wrong) => {
    const { 'x-request-id': _, date: __, ...others } = headers
    return { status, others, body: { ...json(), request_id: '' } }
  }
  expect(bare(unknown)).toEqual(bare(wrong))
  expect(bare(none)).toEqual(bare(wrong))
  expect(wrong.json().code).toBe('invalid_credentials')
})
