import { endSession, COMMAND, listSessions, login } from '@latchkey/core'
import { PASSWORD } from '@latchkey/core/testing'
import { expect, runCommand, test } from '../testing/command.ts'

const made = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

test('inspect shows what a token on stdin says, checked by nobody, and needs no database', async () => {
  const token = `${made({ alg: 'none' })}.${made({ sub: '7\u001b[2J', exp: 1_800_000_000 })}.x`
  const { code, out, err } = await runCommand(['token', 'inspect'], { input: token })
  expect([code, out]).toEqual([0, 'alg  none\nsub  7\uFFFD[2J\nexp  1800000000 (2027-01-15 08:00:00)\n'])
  expect(err).toContain('Not checked')
  const json = await runCommand(['token', 'inspect', '--json'], { input: `${token}\n` })
  expect(json.json()).toMatchObject({ header: { alg: 'none' }, payload: { exp: 1_800_000_000 }, checked: false })
  expect((await runCommand(['token', 'inspect'], { input: 'c8b3f0a4-5d5e-4c5e-9a0b-6a7c7f4f2f1d' })).code).toBe(4)
  expect((await runCommand(['token', 'inspect', token])).code).toBe(2)
})

test('verify says yes to a token of a live session, and why not to others', async ({
  environment,
  latchkey,
  openServer,
}) => {
  const before = await latchkey(['token', 'verify'], 'a.b.c')
  expect([before.code, before.err]).toEqual([4, expect.stringContaining('There is no signing key yet')])
  const server = await openServer()
  await latchkey(['user', 'create', 'ann@example.com', '--password-stdin'], PASSWORD)
  const { accessToken } = await login(server, { email: 'ann@example.com', password: PASSWORD })
  const right = await latchkey(['token', 'verify', '--json'], accessToken)
  expect(right.json()).toMatchObject({ user_id: 1 })

  const forged = await latchkey(['token', 'verify'], `${accessToken.slice(0, -4)}AAAA`)
  expect([forged.code, forged.out]).toEqual([4, ''])
  const { items } = await listSessions(server, {})
  for (const { id } of items) await endSession(server, id, COMMAND)
  const over = await latchkey(['token', 'verify'], accessToken)
  expect([over.code, over.err]).toEqual([4, expect.stringContaining('its session has ended')])
  Object.assign(environment, { PUBLIC_URL: 'https://auth.example.com' })
  expect((await latchkey(['token', 'verify'], accessToken)).err).toContain('here it is "https://auth.example.com"')
})

test('keys are listed, and a command whose environment names another algorithm makes none', async ({
  environment,
  latchkey,
  openServer,
}) => {
  await openServer()
  Object.assign(environment, { LATCHKEY_SIGNING_ALGORITHM: 'ES256' })
  await latchkey(['token', 'verify'], 'a.b.c')
  const { items } = (await latchkey(['keys', 'list', '--json'])).json() as { items: { phase: string }[] }
  expect(items).toMatchObject([
    { algorithm: 'EdDSA', phase: expect.any(String), decided: expect.any(Boolean) },
    { algorithm: 'EdDSA' },
  ])
  expect(items.map(({ phase }) => phase).toSorted()).toEqual(['active', 'next'])
  expect(JSON.stringify(items)).not.toMatch(/"sealed"|"d"/)
  const list = await latchkey(['keys', 'list'])
  expect(list.out).toMatch(/^ID.*\n(.*\n)?[\w-]{43} +EdDSA +active +\d{4}-/)
  for (const line of list.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

test('a wrong root secret is told as that', async ({ environment, latchkey, openServer }) => {
  await openServer()
  Object.assign(environment, { LATCHKEY_SECRET: 'another secret of thirty-two characters and more' })
  const { code, err } = await latchkey(['token', 'verify'], 'a.b.c')
  expect([code, err]).toEqual([1, expect.stringContaining('LATCHKEY_SECRET is not the one')])
})
