import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import { expect, runCommand, test as base } from '../testing/command.ts'
import { isElsewhere } from './password-rules.ts'

const [WEAK, STRONG] = ['password', 'a horse under the mat 42']
const [JUDGED_LOCALLY, JUDGED_STRICTLY] = [/rules of a local set-up.*NODE_ENV=production/, /rules of production/]

/** A command on a database that is, as its URL has it, on another machine: nobody says that 127.1 is this one. */
const test = base.extend('remote', async ({ environment }, { onCleanup }) => {
  const url = new URL(environment.DATABASE_URL)
  const [host, port] = [decodeURIComponent(url.hostname), Number(url.port || 5432)]
  const to: NetConnectOpts = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
  const ends = new Set<Socket>()
  const relay = createServer((near) => {
    const far = connect(to)
    for (const end of [near, far]) ends.add(end.on('error', () => end.destroy()))
    near.pipe(far).pipe(near)
  })
  await once(relay.listen(0, '127.0.0.1'), 'listening')
  onCleanup(() => {
    for (const end of ends) end.destroy()
    relay.close()
  })
  url.hostname = '127.1'
  url.port = String((relay.address() as AddressInfo).port)
  return (args: string[], input: string, more: Record<string, string> = {}) =>
    runCommand([...args, '--password-stdin'], {
      environment: { ...environment, ...more, DATABASE_URL: url.href },
      input,
    })
})

const ADMIN = ['admin', 'create', '--email', 'admin@example.com']

test('an admin of a database elsewhere needs a password as in production', async ({ remote, latchkey }) => {
  for (const [args, password] of [
    [ADMIN, WEAK],
    [ADMIN, 'a horse in 42'],
    [['user', 'create', 'admin@example.com', '--role', 'admin'], WEAK],
  ] as const) {
    const { code, err } = await remote([...args], password)
    expect([code, err]).toEqual([4, expect.stringMatching(/15 characters/)])
    expect(err).toMatch(JUDGED_STRICTLY)
  }
  expect((await remote(ADMIN, STRONG)).code).toBe(0)
  expect((await remote(['user', 'set-password', 'admin@example.com'], WEAK)).code).toBe(4)
  const local = await latchkey(['user', 'set-password', 'admin@example.com', '--password-stdin'], WEAK)
  expect([local.code, local.err]).toEqual([0, expect.not.stringMatching(/rules of/)])
})

test('what an operator has set counts for admins, too', async ({ remote }) => {
  const set = { LATCHKEY_PASSWORD_LENGTH_MIN: '10' }
  expect((await remote(ADMIN, 'a horse in 42', set)).code).toBe(0)
})

test('by which rules the password of a user elsewhere was judged is told', async ({ remote }) => {
  const made = await remote(['user', 'create', 'ann@example.com'], WEAK)
  expect([made.code, made.err]).toEqual([0, expect.stringMatching(JUDGED_LOCALLY)])
  const changed = await remote(['user', 'set-password', 'ann@example.com'], `${WEAK}2`)
  expect([changed.code, changed.err]).toEqual([0, expect.stringMatching(JUDGED_LOCALLY)])
})

test('a socket and loopback are here, whatever else a URL names is elsewhere', () => {
  const here = ['/db', 'localhost/db', '127.0.0.1:5433/db', '[::1]/db', '%2Frun%2Fpg/db', '/db?host=/run/pg']
  const elsewhere = [
    'db.example.com/db',
    '10.0.0.1/db',
    '[fe80::1]/db',
    '/db?host=db.example.com',
    'localhost/db?host=db',
  ]
  for (const place of here) expect([place, isElsewhere(`postgres://${place}`)]).toEqual([place, false])
  for (const place of elsewhere) expect([place, isElsewhere(`postgres://${place}`)]).toEqual([place, true])
})
