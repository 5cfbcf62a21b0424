import { expect, test } from '../testing/test.ts'
import { logout } from './logout.ts'
import { refresh } from './refresh.ts'

const REFUSED = { code: 'invalid_refresh_token' }

test('ends the session of its token, and no other', async ({ core, login, makeAccount }) => {
  const account = await makeAccount()
  const [one, other] = [await login(account), await login(account)]
  await logout(core, one.refreshToken)
  await expect(refresh(core, one.refreshToken)).rejects.toMatchObject(REFUSED)
  expect((await refresh(core, other.refreshToken)).refreshToken).toBeTruthy()
})

test('takes any token of the session, a rotated one too', async ({ core, login, clock }) => {
  const { refreshToken: first } = await login()
  const { refreshToken: second } = await refresh(core, first)
  clock.advance(100)
  const { refreshToken: third } = await refresh(core, second)
  await logout(core, first)
  await expect(refresh(core, third)).rejects.toMatchObject(REFUSED)
})

test('refuses an unknown token and one of an ended or expired session', async ({ core, login, clock }) => {
  const { refreshToken: ended } = await login()
  await logout(core, ended)
  await expect(logout(core, ended)).rejects.toMatchObject(REFUSED)
  await expect(logout(core, '00000000-0000-4000-8000-000000000000')).rejects.toMatchObject(REFUSED)
  const { refreshToken: expired } = await login()
  clock.advance(30 * 86_400)
  await expect(logout(core, expired)).rejects.toMatchObject(REFUSED)
})

test('wins against refreshes in flight', async ({ core, login }) => {
  const { refreshToken } = await login()
  const answers = await Promise.allSettled([
    ...Array.from({ length: 8 }, () => refresh(core, refreshToken)),
    logout(core, refreshToken),
    ...Array.from({ length: 8 }, () => refresh(core, refreshToken)),
  ])
  const won = answers.find((answer) => answer.status === 'fulfilled' && answer.value !== undefined)
  const successor = won?.status === 'fulfilled' ? won.value?.refreshToken : undefined
  await expect(refresh(core, successor ?? refreshToken)).rejects.toMatchObject(REFUSED)
})
