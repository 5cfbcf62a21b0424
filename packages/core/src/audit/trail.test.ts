import { changeAccount } from '../accounts/change.ts'
import { register } from '../accounts/register.ts'
import { checkAccessToken } from '../access-tokens/check.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { login } from '../sessions/login.ts'
import { logout } from '../sessions/logout.ts'
import { refresh } from '../sessions/refresh.ts'
import { expect, PASSWORD, test } from '../testing/test.ts'
import type { Origin } from './origin.ts'

interface Event {
  name: string
  accountId: number | null
  sessionId: string | null
  actor: string
  actorId: number | null
  details: object | null
}

const EVENTS = statement<Event & Omit<Origin, 'device'>>(
  'test.events',
  `select name, account_id as "accountId", session_id as "sessionId", actor, actor_id as "actorId", address,
          user_agent as "userAgent", request_id as "requestId", details
     from audit_event where request_id = $1 order by id`,
)

/** A request of its own, so that its events can be told from those of other tests. */
const request = (): Origin => ({
  address: '192.0.2.7',
  userAgent: 'curl/8',
  requestId: crypto.randomUUID(),
  device: null,
})

/** What an event keeps of its request: a device proof is a secret. */
const kept = ({ address, userAgent, requestId }: Origin) => ({ address, userAgent, requestId })

const eventsOf = ({ db }: Core, { requestId }: Origin) => db.many(EVENTS, [requestId])

test('a registration and a login are told by whom, from where, in which request', async ({ core }) => {
  const [registering, loggingIn] = [request(), request()]
  const credentials = { email: `${crypto.randomUUID()}@example.com`, password: PASSWORD }
  const { id } = await register(core, credentials, registering)
  const { accessToken } = await login(core, credentials, loggingIn)
  const { sessionId } = checkAccessToken(core, accessToken)
  const owner = { accountId: id, actor: 'owner', actorId: id, details: null }
  expect(await eventsOf(core, registering)).toEqual([
    { name: 'user.registered', sessionId: null, ...owner, ...kept(registering) },
  ])
  expect(await eventsOf(core, loggingIn)).toEqual([
    { name: 'user.login.succeeded', sessionId, ...owner, ...kept(loggingIn) },
  ])
})

test('a refused login names the account if there is one, and never the address that was typed', async ({
  core,
  makeAccount,
}) => {
  const { id, email } = await makeAccount()
  const origin = request()
  const wrong = { email, password: 'not the password' }
  const unknown = { email: 'hunter2@example.com', password: PASSWORD }
  for (const credentials of [wrong, unknown]) {
    await expect(login(core, credentials, origin)).rejects.toMatchObject({ code: 'invalid_credentials' })
  }
  const events = await eventsOf(core, origin)
  expect(events.map(({ name, accountId, actor }) => [name, accountId, actor])).toEqual([
    ['user.login.failed', id, 'anyone'],
    ['user.login.failed', null, 'anyone'],
  ])
  expect(JSON.stringify(events)).not.toContain('hunter2')
})

test('refreshes are no events; a replay is one, and so is a logout', async ({ core, clock, makeAccount }) => {
  const account = await makeAccount()
  const [refreshing, replaying, loggingOut] = [request(), request(), request()]
  const { refreshToken } = await login(core, account)
  await refresh(core, refreshToken, refreshing)
  clock.advance(11)
  await expect(refresh(core, refreshToken, replaying)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
  const other = await login(core, account)
  await logout(core, other.refreshToken, loggingOut)

  expect(await eventsOf(core, refreshing)).toEqual([])
  expect(await eventsOf(core, replaying)).toMatchObject([
    { name: 'session.replayed', accountId: account.id, actor: 'anyone', ...kept(replaying) },
  ])
  expect(await eventsOf(core, loggingOut)).toMatchObject([
    { name: 'user.logged_out', accountId: account.id, actor: 'owner', actorId: account.id, ...kept(loggingOut) },
  ])
})

test('a change of the own account says what it was and is; one that changes nothing says nothing', async ({
  core,
  login: logIn,
}) => {
  const claims = checkAccessToken(core, (await logIn()).accessToken)
  const [changing, idle] = [request(), request()]
  await changeAccount(core, claims, { username: 'Ann' }, changing)
  await changeAccount(core, claims, {}, idle)
  expect(await eventsOf(core, changing)).toMatchObject([
    {
      name: 'user.updated',
      sessionId: claims.sessionId,
      actorId: claims.accountId,
      details: { username: { from: '', to: 'Ann' } },
    },
  ])
  expect(await eventsOf(core, idle)).toEqual([])
})
