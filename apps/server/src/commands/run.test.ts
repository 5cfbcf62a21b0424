import { expect, test } from 'vitest'
import { runCommand } from '../testing/command.ts'

test('--help lists all groups, is there at once and needs no database', async () => {
  const started = performance.now()
  const { code, out, err } = await runCommand(['--help'], {
    environment: { DATABASE_URL: 'postgres://nobody@nowhere/x' },
  })
  const took = performance.now() - started
  expect([code, err]).toEqual([0, ''])
  for (const group of [
    'serve',
    'migrate',
    'config',
    'admin',
    'user',
    'sessions',
    'audit',
    'keys',
    'token',
    'openapi',
  ]) {
    expect(out).toMatch(new RegExp(`^  ${group}\\b`, 'm'))
  }
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  // Some 90 ms on an idle machine; loading the domain alone would cost more than this.
  expect(took).toBeLessThan(1500)
})

test('--version prints the version', async () => {
  expect(await runCommand(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test.each([
  [['confg', 'list'], 'Did you mean config?'],
  [['config', 'lits'], 'Did you mean list?'],
  [['config', 'list', '--jsno'], 'Did you mean --json?'],
  [['config', 'get'], "missing required argument 'NAME'"],
  [['user', 'show', '1', '2'], 'too many arguments'],
  [['user', 'list', '--role', 'root'], 'Allowed choices are user, admin'],
  [['user', 'list', '-n', '201'], 'It is a whole number from 1 to 200.'],
  [['user', 'create', 'a@example.com', '--password', 'x'], "unknown option '--password'"],
  [['config'], 'Usage: latchkey config'],
])('wrong usage ends with 2 and says what is meant: %j', async (args, sentence) => {
  const { code, out, err } = await runCommand(args)
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain(sentence)
})

test('a database that cannot be reached ends a command with 1, at once, and its password is not shown', async () => {
  const environment = {
    DATABASE_URL: 'postgres://latchkey:geheim@127.0.0.1:1/latchkey',
    LATCHKEY_SECRET: 'a root secret for tests, of 32 characters and more',
  }
  const { code, out, err } = await runCommand(['config', 'list', '--json'], { environment })
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain('The database latchkey@127.0.0.1:1/latchkey cannot be used')
  expect(err).not.toContain('geheim')
})

test('faults of the environment end a command with 1, all in one message', async () => {
  const environment = { DATABASE_URL: 'mysql://db/x', LATCHKEY_ACCESS_TOKEN_LIFETIME: '1s' }
  const { code, err } = await runCommand(['keys', 'list'], { environment })
  expect(code).toBe(1)
  expect(err).toContain('2 faults')
})

test('openapi prints the document, and needs no database', async () => {
  const ran = await runCommand(['openapi'])
  expect(ran.code).toBe(0)
  expect(ran.json()).toMatchObject({ openapi: '3.1.0', paths: { '/api/login/': {} } })
})
