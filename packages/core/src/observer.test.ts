import { readAccount } from './accounts/read.ts'
import { checkAccessToken } from './access-tokens/check.ts'
import type { Core } from './core.ts'
import { NOBODY, type Observer } from './observer.ts'
import { login } from './sessions/login.ts'
import { refresh } from './sessions/refresh.ts'
import { expect, test as base } from './testing/test.ts'

/** An instance, and what its observer hears: the calls, without their times. */
const test = base.extend('observed', async ({ createInstance }): Promise<{ core: Core; heard: string[] }> => {
  const heard: string[] = []
  const observer: Observer = {
    ...NOBODY,
    statement: (name, ms, failed) => heard.push(`statement ${name} ${failed ? 'failed' : 'answered'} ${sane(ms)}`),
    connection: (ms) => heard.push(`connection ${sane(ms)}`),
    answered: (name, ms) => heard.push(`answered ${name} ${sane(ms)}`),
    batch: (name, size) => heard.push(`batch ${name} ${size}`),
    hash: (waitMs, ms) => heard.push(`hash ${sane(waitMs)} ${sane(ms)}`),
    refreshed: (outcome) => heard.push(outcome),
    loggedIn: (outcome) => heard.push(`login ${outcome}`),
    limited: (limit) => heard.push(`limited ${limit}`),
  }
  return { core: await createInstance({ observer, rateLimits: true }), heard }
})

const sane = (ms: number) => (ms >= 0 && ms < 10_000 ? 'ms' : `not a time: ${ms}`)

test('hears of logins, their hashes and statements', async ({ observed: { core, heard }, makeAccount }) => {
  const account = await makeAccount()
  heard.length = 0
  await login(core, account)
  expect(heard).toEqual(expect.arrayContaining(['hash ms ms', 'statement session.open answered ms', 'login succeeded']))
  await expect(login(core, { ...account, password: 'not the password' })).rejects.toThrow()
  expect(heard).toContain('login failed')
})

test('hears what becomes of refreshes, and how many are in a batch', async ({
  observed: { core, heard },
  login: logIn,
  clock,
}) => {
  const { refreshToken } = await logIn()
  const pair = await refresh(core, refreshToken)
  expect(heard.slice(-5)).toEqual([
    'batch refresh 1',
    'connection ms',
    'statement session.rotate answered ms',
    'answered refresh ms',
    'rotated',
  ])
  await refresh(core, refreshToken)
  expect(heard.at(-1)).toBe('converged')
  await refresh(core, pair.refreshToken)
  await expect(refresh(core, refreshToken)).rejects.toThrow()
  expect(heard.at(-1)).toBe('late')
  clock.advance(11)
  await expect(refresh(core, refreshToken)).rejects.toThrow()
  expect(heard.at(-1)).toBe('replayed')
  await expect(refresh(core, refreshToken)).rejects.toThrow()
  expect(heard.at(-1)).toBe('unknown')
})

test('hears of reads, of connections that are waited for, and of what fails', async ({
  observed: { core, heard },
  login: logIn,
}) => {
  const { accessToken } = await logIn()
  heard.length = 0
  await readAccount(core, checkAccessToken(core, accessToken))
  expect(heard).toEqual([
    'batch account 1',
    'connection ms',
    'statement account.read answered ms',
    'answered account ms',
  ])
  await expect(core.db.many({ name: 'test.fails', text: 'select 1 / 0' }, [])).rejects.toThrow()
  expect(heard.at(-1)).toBe('statement test.fails failed ms')
  expect(core.db.pool()).toEqual({ total: 1, idle: 1, waiting: 0 })
})

test('hears of whom a limit refuses', async ({ observed: { core, heard }, makeAccount }) => {
  const account = { ...(await makeAccount()), password: 'not the password' }
  for (let i = 0; i < 6; i++) await login(core, account).catch(() => {})
  expect(heard.at(-1)).toMatch(/^limited login-/)
})
