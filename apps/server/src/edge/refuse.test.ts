import { expect, type Sent, test } from '../testing/served.ts'

test('a fault of ours is a bare 500, and a line in the log under the same id', async ({
  core,
  send,
  login,
  logged,
}) => {
  const { accessToken } = await login()
  const sql = (text: string) => core.db.orm.em.getConnection().execute(text)
  await sql('alter table account alter email drop not null')
  await sql('update account set email = null')
  for (const path of ['/api/me/', '/trpc/me.get']) {
    const answer = await send('GET', path, { headers: { authorization: `Bearer ${accessToken}` } })
    expect(answer.status).toBe(500)
    expect(answer.text).toContain('internal_error')
    expect(answer.text).not.toMatch(/zod|expected|null|stack|node_modules|\.ts/i)
    const line = logged.findLast(({ level }) => level === 'error')
    expect(line).toMatchObject({ requestId: answer.headers['x-request-id'], err: { stack: expect.any(String) } })
  }
  await sql('delete from account')
})

test('a locked database is a 503 within 3 seconds for every call, never a 401, and it recovers', async ({
  send,
  login,
  makeAccount,
  lockDatabase,
}) => {
  const account = await makeAccount()
  const { accessToken, refreshToken } = await login(account)
  const authorization = { authorization: `Bearer ${accessToken}` }
  const calls: [string, string, Sent][] = [
    ['POST', '/api/register/', { body: { email: `${crypto.randomUUID()}@example.com`, password: 'password' } }],
    ['POST', '/api/login/', { body: { email: account.email, password: account.password } }],
    ['POST', '/api/refresh/', { body: { refresh_token: refreshToken } }],
    ['GET', '/api/me/', { headers: authorization }],
    ['PUT', '/api/me/', { headers: authorization, body: { username: 'John Smith' } }],
    ['POST', '/api/logout/', { body: { refresh_token: refreshToken } }],
    ['GET', '/trpc/me.get', { headers: authorization }],
  ]
  const release = await lockDatabase()
  const start = performance.now()
  const answers = await Promise.all(calls.map((call) => send(...call)))
  expect(performance.now() - start).toBeLessThan(3000)
  await release()
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
    expect(answer.text).toContain('unavailable')
  }
  for (const call of calls) expect((await send(...call)).status).toBeLessThan(300)
})
