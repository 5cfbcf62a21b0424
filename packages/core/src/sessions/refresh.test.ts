import { decodeJwt } from 'jose'
import { disableAccount } from '../accounts/disable.ts'
import { COMMAND } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { statement } from '../database/statement.ts'
import { expect, test } from '../testing/test.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { refresh } from './refresh.ts'
import { putInForce } from '../testing/settings.ts'

const REFUSED = { code: 'invalid_refresh_token' }
const NOBODY = '00000000-0000-4000-8000-000000000000'

const ROW = statement<{ generation: number; converged: number; endReason: string | null; lifetime: number }>(
  'test.session',
  `select generation, converged, end_reason as "endReason", extract(epoch from expires_at - rotated_at)::int as lifetime
     from session where id = $1`,
)
const REPLAYS = statement<{ accountId: number }>(
  'test.replays',
  `select account_id as "accountId" from audit_event where name = 'session.replayed' and session_id = $1`,
)
const SPOIL_SALT = statement('test.spoil-salt', `update session set successor_salt = '\\x00' where id = $1`)
const DEACTIVATE = statement('test.deactivate', 'update account set active = false where id = $1')

const sessionOf = ({ accessToken }: { accessToken: string }) => String(decodeJwt(accessToken).sid)
const rowOf = (core: Core, pair: { accessToken: string }) => core.db.one(ROW, [sessionOf(pair)])

test('gives a new pair, both lifetimes starting anew', async ({ core, login: logIn, clock }) => {
  const first = await logIn()
  clock.advance(20)
  const second = await refresh(core, first.refreshToken)
  expect(second.refreshToken).not.toBe(first.refreshToken)
  expect(decodeJwt(second.accessToken)).toMatchObject({ iat: clock.now().getTime() / 1000, sid: sessionOf(first) })
  expect(await rowOf(core, first)).toEqual({ generation: 1, converged: 0, endReason: null, lifetime: 30 * 86_400 })
})

test('the parent gets the same successor again within grace, and a fresh access token', async ({
  core,
  login: logIn,
  clock,
}) => {
  const { refreshToken: parent } = await logIn()
  const child = await refresh(core, parent)
  clock.advance(9)
  const again = await refresh(core, parent)
  expect(again.refreshToken).toBe(child.refreshToken)
  expect(decodeJwt(again.accessToken).iat).toBe(clock.now().getTime() / 1000)
  expect(await rowOf(core, child)).toMatchObject({ generation: 1, converged: 1 })
})

test('ends the session when the parent comes back after the grace window', async ({ core, login: logIn, clock }) => {
  const first = await logIn()
  const { refreshToken: child } = await refresh(core, first.refreshToken)
  clock.advance(10)
  await expect(refresh(core, first.refreshToken)).rejects.toMatchObject(REFUSED)
  await expect(refresh(core, child)).rejects.toMatchObject(REFUSED)
  expect(await rowOf(core, first)).toMatchObject({ endReason: 'replayed' })
  expect(await core.db.many(REPLAYS, [sessionOf(first)])).toHaveLength(1)
})

test('refuses a late grandparent and lets the session live', async ({ core, login: logIn, clock }) => {
  const { refreshToken: grandparent } = await logIn()
  const { refreshToken: parent } = await refresh(core, grandparent)
  clock.advance(1)
  const { refreshToken: child } = await refresh(core, parent)
  await expect(refresh(core, grandparent)).rejects.toMatchObject(REFUSED)
  expect((await refresh(core, child)).refreshToken).toBeTruthy()
})

test('a grandparent whose own window has passed ends the session', async ({ core, login: logIn, clock }) => {
  const { refreshToken: grandparent } = await logIn()
  const { refreshToken: parent } = await refresh(core, grandparent)
  clock.advance(10)
  const { refreshToken: child } = await refresh(core, parent)
  await expect(refresh(core, grandparent)).rejects.toMatchObject(REFUSED)
  await expect(refresh(core, child)).rejects.toMatchObject(REFUSED)
})

test('a great-grandparent ends the session, however young', async ({ core, login: logIn }) => {
  const { refreshToken: first } = await logIn()
  const { refreshToken: second } = await refresh(core, first)
  const { refreshToken: third } = await refresh(core, second)
  const { refreshToken: fourth } = await refresh(core, third)
  await expect(refresh(core, first)).rejects.toMatchObject(REFUSED)
  await expect(refresh(core, fourth)).rejects.toMatchObject(REFUSED)
})

test('a wrong verifier under a known selector ends that session, and no other', async ({
  core,
  login: logIn,
  makeAccount,
}) => {
  const account = await makeAccount()
  const [attacked, other] = [await logIn(account), await logIn(account)]
  const forged = attacked.refreshToken.slice(0, 19) + NOBODY.slice(19)
  await expect(refresh(core, forged)).rejects.toMatchObject(REFUSED)
  await expect(refresh(core, attacked.refreshToken)).rejects.toMatchObject(REFUSED)
  expect((await refresh(core, other.refreshToken)).refreshToken).toBeTruthy()
})

test('an unknown token is refused', async ({ core }) => {
  await expect(refresh(core, NOBODY)).rejects.toMatchObject(REFUSED)
})

test('expires to the second, and counts anew from each refresh', async ({ core, login: logIn, clock }) => {
  const LIFETIME = 30 * 86_400
  const { refreshToken: first } = await logIn()
  clock.advance(LIFETIME - 1)
  const { refreshToken: second } = await refresh(core, first)
  clock.advance(LIFETIME)
  await expect(refresh(core, second)).rejects.toMatchObject(REFUSED)
})

test('nothing outlives the absolute end of a login', async ({ createInstance, makeAccount, clock }) => {
  const core = await createInstance({ settings: { SESSION_MAX_LIFETIME: 300 } })
  const first = await login(core, await makeAccount())
  clock.advance(299)
  const second = await refresh(core, first.refreshToken)
  clock.advance(1)
  await expect(refresh(core, second.refreshToken)).rejects.toMatchObject(REFUSED)
})

test('a disabled account cannot refresh', async ({ core, login: logIn, makeAccount }) => {
  const account = await makeAccount()
  const { refreshToken } = await logIn(account)
  await disableAccount(core, account.id, COMMAND)
  await expect(refresh(core, refreshToken)).rejects.toMatchObject(REFUSED)
})

test('an account that is not active cannot refresh, even if its sessions were left alone', async ({
  core,
  login: logIn,
  makeAccount,
}) => {
  const account = await makeAccount()
  const { refreshToken } = await logIn(account)
  await core.db.many(DEACTIVATE, [account.id])
  await expect(refresh(core, refreshToken)).rejects.toMatchObject(REFUSED)
})

test('the grace in force is at most a third of the access lifetime', async ({
  createInstance,
  login: logIn,
  clock,
}) => {
  const core = await createInstance({ settings: { ACCESS_TOKEN_LIFETIME: 15, REFRESH_GRACE: 60 } })
  const { refreshToken: parent } = await logIn()
  await refresh(core, parent)
  clock.advance(4)
  await refresh(core, parent)
  clock.advance(1)
  await expect(refresh(core, parent)).rejects.toMatchObject(REFUSED)
})

test('a lifetime that changed applies to the next token', async ({ core, login: logIn }) => {
  const { refreshToken } = await logIn()
  putInForce(core.settings, { ACCESS_TOKEN_LIFETIME: 60 })
  const { accessToken } = await refresh(core, refreshToken)
  const { iat = 0, exp = 0 } = decodeJwt(accessToken)
  expect(exp - iat).toBe(60)
})

test('a row that was tampered with is a fault, not a token', async ({ core, login: logIn }) => {
  const first = await logIn()
  await refresh(core, first.refreshToken)
  await core.db.many(SPOIL_SALT, [sessionOf(first)])
  await expect(refresh(core, first.refreshToken)).rejects.toThrow('salt')
})

test('is refused after logout with a rotated token', async ({ core, login: logIn }) => {
  const { refreshToken: parent } = await logIn()
  const { refreshToken: child } = await refresh(core, parent)
  await logout(core, parent)
  await expect(refresh(core, child)).rejects.toMatchObject(REFUSED)
})
