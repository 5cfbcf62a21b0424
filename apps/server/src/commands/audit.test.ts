import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PASSWORD } from '@latchkey/core/testing'
import { COMMAND_LINE, expect, test } from '../testing/command.ts'

const create = (email: string) => ['user', 'create', email, '--password-stdin']

test('tail prints the newest events, the newest last, by filters, as lines and as JSON Lines', async ({ latchkey }) => {
  for (const name of ['ann', 'bob', 'eve']) await latchkey(create(`${name}@example.com`), PASSWORD)
  await latchkey(['user', 'disable', 'bob@example.com', '--yes'])
  const tail = await latchkey(['audit', 'tail', '-n', '2'])
  expect(tail.out).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}user\.created +eve@example\.com {2}by a command.*\n.*user\.disabled +bob@/,
  )
  expect(tail.out.trim().split('\n')).toHaveLength(2)

  const json = await latchkey(['audit', 'tail', '--user', 'bob@example.com', '--since', '1h', '--json'])
  const events = json.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(events).toMatchObject([
    { name: 'user.created', email: 'bob@example.com', actor: 'command' },
    { name: 'user.disabled', user_id: 2 },
  ])
  expect((await latchkey(['audit', 'tail', '--until', '1h'])).out).toBe('')
  const unknown = await latchkey(['audit', 'tail', '--name', 'user.login.faild'])
  expect([unknown.code, unknown.err]).toEqual([
    3,
    'There is no event user.login.faild. Did you mean user.login.failed?\n',
  ])
  expect((await latchkey(['audit', 'tail', '--since', 'yesterday'])).code).toBe(2)
})

test('tail -f goes on with what happens, each event once, until it is told to stop', async ({
  environment,
  latchkey,
}) => {
  await latchkey(create('ann@example.com'), PASSWORD)
  const [node, ...start] = COMMAND_LINE
  const args = [...start, 'audit', 'tail', '-f', '-n', '1', '--json']
  const child = spawn(node, args, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  const lines = async (count: number) => {
    while (out.split('\n').length <= count) await once(child.stdout, 'data')
    return out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { email: string }).email)
  }
  // Once it has printed what was there, it looks for what is new.
  expect(await lines(1)).toEqual(['ann@example.com'])
  await latchkey(create('bob@example.com'), PASSWORD)
  await latchkey(create('eve@example.com'), PASSWORD)
  expect(await lines(3)).toEqual(['ann@example.com', 'bob@example.com', 'eve@example.com'])
  child.kill('SIGTERM')
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(143)
})

test('a reader that has gone ends a command without a word', async ({ environment, latchkey }) => {
  await latchkey(create('ann@example.com'), PASSWORD)
  const line = COMMAND_LINE.map((word) => `'${word}'`).join(' ')
  const script = `${line} audit tail -f --json | head -n 1; echo "code \${PIPESTATUS[0]}"`
  const child = spawn('bash', ['--norc', '-c', script], { env: { PATH: process.env.PATH, ...environment } })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text))
  const closed = once(child, 'close')
  // What it finds next cannot be written any more.
  for (const name of ['bob', 'eve', 'joe']) await latchkey(create(`${name}@example.com`), PASSWORD)
  await closed
  expect(said).toEqual({ out: expect.stringMatching(/^\{.*\}\ncode 0\n$/), err: '' })
})
