import { appRouter, type Operation, operationsOf } from '@latchkey/api'
import { checkAccessToken, COMMAND, type Core, disableAccount, editAccount, endSession, login } from '@latchkey/core'
import type { TestAccount } from '@latchkey/core/testing'
import { type Answer, expect, type Send, type Sent, test as base } from './testing/served.ts'

/** Every procedure for admins: a new one is in here by itself. */
const operations = operationsOf(appRouter).filter(({ name }) => name.startsWith('admin.'))

const test = base.extend('logInAdmin', ({ core, makeAccount }) => async () => {
  const account = await makeAccount()
  await editAccount(core, account.id, { role: 'admin' }, COMMAND)
  return { account, headers: await logIn(core, account) }
})

async function logIn(core: Core, account: TestAccount): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${(await login(core, account)).accessToken}` }
}

/** The same call over REST, in both forms, and over tRPC; what it asks for must not matter. */
async function callAll(send: Send, { name, method, path, takesBody }: Operation, headers: Sent['headers'] = {}) {
  const filled = path.replaceAll(/\{\w+\}/g, '1')
  const sent: Sent = { headers, ...(takesBody && { body: {} }) }
  const trpc: [string, string, Sent] =
    method === 'GET' ? ['GET', `/trpc/${name}`, { headers }] : ['POST', `/trpc/${name}`, { headers, body: {} }]
  return [await send(method, filled, sent), await send(method, `${filled}/`, sent), await send(...trpc)]
}

function codesOf(answers: Answer[]): string[] {
  return answers.map(({ status, text }) => {
    const { code, error } = JSON.parse(text) as { code?: string; error?: { data: { code: string } } }
    return `${status} ${code ?? error?.data.code}`
  })
}

const thrice = (what: string) => [what, what, what]

test.for(operations)('$name is refused without a token', async (operation, { send }) => {
  const answers = await callAll(send, operation)
  expect(codesOf(answers)).toEqual(thrice('401 missing_token'))
  for (const { headers } of answers) expect(headers['www-authenticate']).toBe('Bearer realm="latchkey"')
})

test.for(operations)('$name is refused with the token of a user', async (operation, { core, send, makeAccount }) => {
  const headers = await logIn(core, await makeAccount())
  expect(codesOf(await callAll(send, operation, headers))).toEqual(thrice('403 admin_required'))
})

test.for(operations)(
  '$name is refused with the token of a demoted admin',
  async (operation, { core, send, logInAdmin }) => {
    await logInAdmin()
    const { account, headers } = await logInAdmin()
    await editAccount(core, account.id, { role: 'user' }, COMMAND)
    const answers = await callAll(send, operation, headers)
    expect(codesOf(answers)).toEqual(thrice('401 invalid_token'))
    for (const answer of answers) expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
  },
)

test('an admin who is disabled, or whose session has ended, is out at once', async ({ core, send, logInAdmin }) => {
  await logInAdmin()
  const disabled = await logInAdmin()
  const ended = await logInAdmin()
  expect((await send('GET', '/api/admin/users/', { headers: disabled.headers })).status).toBe(200)
  await disableAccount(core, disabled.account.id, COMMAND)
  await endSession(core, checkAccessToken(core, ended.headers.authorization.slice(7)).sessionId, COMMAND)
  for (const { headers } of [disabled, ended]) {
    const answer = await send('GET', '/api/admin/users/', { headers })
    expect(answer.json()).toMatchObject({ status: 401, code: 'invalid_token' })
  }
})

test('there is something to refuse', () => {
  expect(operations.length).toBeGreaterThan(15)
})
