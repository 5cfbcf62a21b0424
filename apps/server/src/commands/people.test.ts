import { login, refresh } from '@latchkey/core'
import { PASSWORD } from '@latchkey/core/testing'
import { expect, test } from '../testing/command.ts'

test('admin create makes the first admin by a password on stdin, and promotes who is there', async ({ latchkey }) => {
  const made = await latchkey(
    ['admin', 'create', '--email', 'admin@example.com', '--password-stdin', '--json'],
    PASSWORD,
  )
  expect(made.json()).toMatchObject({ id: 1, email: 'admin@example.com', role: 'admin', active: true })
  const user = await latchkey(
    ['user', 'create', 'user@example.com', '--password-stdin', '--json'],
    `${PASSWORD}\r\nmore`,
  )
  expect(user.json()).toMatchObject({ id: 2, role: 'user' })

  const unasked = await latchkey(['admin', 'create', '--email', 'User@Example.com'])
  expect([unasked.code, unasked.out]).toEqual([4, ''])
  expect(unasked.err).toContain('say --yes')
  const promoted = await latchkey(['admin', 'create', '--email', 'User@Example.com', '--yes', '--json'])
  expect(promoted.json()).toMatchObject({ id: 2, role: 'admin' })
})

test('a password is never asked for where nobody can answer, and has to fit the policy', async ({ latchkey }) => {
  const unasked = await latchkey(['admin', 'create', '--email', 'admin@example.com'])
  expect([unasked.code, unasked.err]).toEqual([2, expect.stringContaining('--password-stdin')])
  expect(await latchkey(['admin', 'create'])).toMatchObject({ code: 2, err: expect.stringContaining('--email') })
  const empty = await latchkey(['user', 'create', 'user@example.com', '--password-stdin'], '\n')
  expect([empty.code, empty.err]).toEqual([2, 'There is no password on stdin.\n'])
  const short = await latchkey(['user', 'create', 'user@example.com', '--password-stdin'], 'short')
  expect([short.code, short.out]).toEqual([4, ''])
  expect(short.err).toMatch(/8 characters/)
  const none = await latchkey(['user', 'list'])
  expect([none.code, none.out, none.err]).toEqual([0, '', 'No users.\n'])
})

test('users are listed, shown by id and by e-mail address, and what is not there is 3', async ({ latchkey }) => {
  const server = ['user', 'create', 'ann@example.com', '--username', 'ann\u001b[2J', '--password-stdin']
  const shown = await latchkey(server, PASSWORD)
  expect(shown.out).toMatch(/^E-mail +ann@example\.com$/m)
  // A name from anybody must not steer the terminal of an operator.
  expect(shown.out).not.toContain('\u001b')
  const list = await latchkey(['user', 'list', '--search', 'ann', '--state', 'active'])
  expect(list.out).toMatch(/^ID +E-MAIL.*\n +1 +ann@example\.com +user +active +never +0\n$/)
  expect((await latchkey(['user', 'show', 'ANN@example.com', '--json'])).json()).toMatchObject({ id: 1 })
  expect((await latchkey(['user', 'show', '1'])).code).toBe(0)
  const missing = await latchkey(['user', 'show', '99999999999'])
  expect([missing.code, missing.err]).toEqual([3, 'There is no user 99999999999.\n'])
})

test('disable and enable, sign-out, set-password and delete do as they say, once somebody said yes', async ({
  latchkey,
  openServer,
}) => {
  const server = await openServer()
  await latchkey(['user', 'create', 'ann@example.com', '--password-stdin'], PASSWORD)
  const ann = { email: 'ann@example.com', password: PASSWORD }
  const { refreshToken } = await login(server, ann)

  const unasked = await latchkey(['user', 'sign-out', ann.email])
  expect([unasked.code, unasked.err]).toEqual([4, expect.stringContaining('say --yes')])
  expect((await latchkey(['user', 'sign-out', ann.email, '--yes', '--json'])).json()).toEqual({ ended: 1 })
  await expect(refresh(server, refreshToken)).rejects.toMatchObject({ code: 'invalid_refresh_token' })

  const disabled = await latchkey(['user', 'disable', '1', '--yes'])
  expect([disabled.code, disabled.err]).toEqual([0, 'ann@example.com is disabled.\n'])
  await expect(login(server, ann)).rejects.toMatchObject({ code: 'account_disabled' })
  expect((await latchkey(['user', 'enable', '1', '--json'])).json()).toMatchObject({ active: true })

  const changed = await latchkey(['user', 'set-password', ann.email, '--password-stdin'], 'another horse 43')
  expect(changed.code).toBe(0)
  await login(server, { ...ann, password: 'another horse 43' })
  expect((await latchkey(['user', 'delete', ann.email, '--yes'])).code).toBe(0)
  expect((await latchkey(['user', 'delete', ann.email, '--yes'])).code).toBe(3)
})

test('the last admin is neither disabled nor deleted', async ({ latchkey }) => {
  await latchkey(['admin', 'create', '--email', 'admin@example.com', '--password-stdin'], PASSWORD)
  for (const verb of ['disable', 'delete']) {
    const { code, err } = await latchkey(['user', verb, 'admin@example.com', '--yes'])
    expect([code, err]).toEqual([4, 'Last admin. This is the last active admin. Make another one first.\n'])
  }
})

test('sessions are listed, of all and of one user, and one is ended by its id', async ({ latchkey, openServer }) => {
  const server = await openServer()
  for (const email of ['ann@example.com', 'bob@example.com']) {
    await latchkey(['user', 'create', email, '--password-stdin'], PASSWORD)
    await login(server, { email, password: PASSWORD })
  }
  const all = await latchkey(['sessions', 'list'])
  expect(all.out.trim().split('\n')).toHaveLength(3)
  for (const line of all.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  const { items } = (await latchkey(['sessions', 'list', '--user', 'ann@example.com', '--json'])).json()
  expect(items).toMatchObject([{ email: 'ann@example.com', ended_at: null }])
  const [{ id }] = items as [{ id: string }]
  expect((await latchkey(['sessions', 'revoke', id])).code).toBe(4)
  expect((await latchkey(['sessions', 'revoke', id, '--yes', '--json'])).json()).toEqual({ id, ended: true })
  const again = await latchkey(['sessions', 'revoke', id, '--yes'])
  expect([again.code, again.err]).toEqual([3, `There is no live session ${id}.\n`])
  expect((await latchkey(['sessions', 'list', '--state', 'ended'])).out).toMatch(/ended_by_admin$/m)
})
