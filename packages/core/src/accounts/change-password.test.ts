import { listAuditEvents } from '../audit/read.ts'
import { COMMAND } from '../audit/origin.ts'
import { endOwnSession } from '../sessions/end.ts'
import { login as logIn } from '../sessions/login.ts'
import { refresh } from '../sessions/refresh.ts'
import { endsOf, enter, eventsOf, makeMember, REQUEST, test } from '../testing/operators.ts'
import { expect, PASSWORD } from '../testing/test.ts'
import { changePassword } from './change-password.ts'
import { deleteOwnAccount } from './delete-own.ts'
import { disableAccount } from './disable.ts'
import { setPassword } from './set-password.ts'
import { showAccount } from './show.ts'

const NEW = 'another horse 43'
const CHANGE = { oldPassword: PASSWORD, newPassword: NEW }
const [OVER, WRONG] = [{ code: 'invalid_token' }, { code: 'invalid_input', fields: [{ code: 'password_wrong' }] }]
const NO_LOGIN = { code: 'invalid_credentials' }

test('the new password logs in, the other sessions have ended, and this one goes on', async ({ core }) => {
  const { account, claims, refreshToken } = await makeMember(core)
  const other = await enter(core, account)
  await changePassword(core, claims, CHANGE, REQUEST)
  await expect(refresh(core, other.refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
  expect(await refresh(core, refreshToken)).toBeTruthy()
  await expect(logIn(core, account)).rejects.toMatchObject(NO_LOGIN)
  expect(await logIn(core, { ...account, password: NEW })).toBeTruthy()
  expect((await eventsOf(core, account)).slice(1)).toEqual([
    { name: 'user.password.changed', actor: 'owner', actorId: account.id, details: { ended: 1 } },
  ])
})

test('needs the old password, and another one that the policy allows', async ({ createInstance }) => {
  const strict = await createInstance({ production: true })
  const { account, claims, refreshToken } = await makeMember(strict)
  const change = (input: object) => changePassword(strict, claims, { ...CHANGE, ...input }, REQUEST)
  await expect(change({ oldPassword: 'a wrong horse' })).rejects.toMatchObject(WRONG)
  const refused = (field: string, code: string) => ({ code: 'invalid_input', fields: [{ path: [field], code }] })
  await expect(change({ newPassword: 'short' })).rejects.toMatchObject(refused('new_password', 'password_too_short'))
  await expect(change({ newPassword: account.email })).rejects.toMatchObject(refused('new_password', 'password_email'))
  await expect(change({ newPassword: PASSWORD })).rejects.toMatchObject(refused('new_password', 'password_unchanged'))
  const long = 'x'.repeat(129)
  await expect(change({ oldPassword: long })).rejects.toMatchObject(refused('old_password', 'password_too_long'))
  expect(await refresh(strict, refreshToken)).toBeTruthy()
  expect(await endsOf(strict, account)).toEqual([null])
})

test('who guesses the old password by a token is told of in the audit, and counted', async ({ core }) => {
  const { account, claims } = await makeMember(core)
  core.counters.take()
  await expect(changePassword(core, claims, { ...CHANGE, oldPassword: NEW }, REQUEST)).rejects.toMatchObject({
    code: 'invalid_input',
    fields: [{ path: ['old_password'], code: 'password_wrong' }],
  })
  expect(core.counters.take()).toEqual([{ name: 'logins_failed', bucket: 0, count: 1 }])
  const { items } = await listAuditEvents(core, { accountId: account.id, name: 'user.login.failed' })
  expect(items).toMatchObject([{ actor: 'owner', actorId: account.id, sessionId: claims.sessionId }])
})

test('nobody changes or deletes anything by the token of a session that is over', async ({ core, clock }) => {
  const [ended, disabled, expired] = [await makeMember(core), await makeMember(core), await makeMember(core)]
  await endOwnSession(core, ended.claims, ended.claims.sessionId, REQUEST)
  await disableAccount(core, disabled.account.id, COMMAND)
  clock.advance(core.settings.current().REFRESH_TOKEN_LIFETIME)
  for (const { claims } of [ended, disabled, expired]) {
    await expect(changePassword(core, claims, CHANGE, REQUEST)).rejects.toMatchObject(OVER)
    await expect(deleteOwnAccount(core, claims, { password: PASSWORD }, REQUEST)).rejects.toMatchObject(OVER)
  }
  const mixed = { ...ended.claims, accountId: disabled.account.id }
  await expect(changePassword(core, mixed, CHANGE, REQUEST)).rejects.toMatchObject(OVER)
})

test('an owner deletes the account by its password, for good', async ({ core }) => {
  const { account, claims, refreshToken } = await makeMember(core)
  await expect(deleteOwnAccount(core, claims, { password: NEW }, REQUEST)).rejects.toMatchObject(WRONG)
  const { items: guesses } = await listAuditEvents(core, { accountId: account.id, name: 'user.login.failed' })
  expect(guesses).toMatchObject([{ actor: 'owner', sessionId: claims.sessionId, details: { reason: 'old_password' } }])
  await deleteOwnAccount(core, claims, account, REQUEST)
  await expect(refresh(core, refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })
  await expect(showAccount(core, account.id)).rejects.toMatchObject({ code: 'not_found' })
  await expect(deleteOwnAccount(core, claims, account, REQUEST)).rejects.toMatchObject(OVER)
  expect((await eventsOf(core, account)).slice(1)).toEqual([
    { name: 'user.deleted', actor: 'owner', actorId: account.id, details: null },
  ])
})

test('of two changes at once by one session the later is refused', async ({ core }) => {
  const { account, claims } = await makeMember(core)
  const outcomes = await Promise.allSettled(
    [NEW, 'a third horse 44'].map((newPassword) =>
      changePassword(core, claims, { oldPassword: PASSWORD, newPassword }, REQUEST),
    ),
  )
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: WRONG })
  await expect(logIn(core, account)).rejects.toMatchObject(NO_LOGIN)
})

test('a change that races the hand of an admin leaves nobody in who should not be', async ({ core }) => {
  for (let round = 0; round < 10; round++) {
    const { account, claims } = await makeMember(core)
    const [own] = await Promise.allSettled([
      changePassword(core, claims, CHANGE, REQUEST),
      setPassword(core, account.id, 'a third horse 44', COMMAND),
    ])
    if (own.status === 'rejected') expect(['invalid_token', 'invalid_input']).toContain(own.reason.code)
    expect(await endsOf(core, account)).toEqual(['password_changed'])
    await expect(logIn(core, { ...account, password: NEW })).rejects.toMatchObject(NO_LOGIN)
  }
})
