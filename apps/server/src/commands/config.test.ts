import { listSettings, loadSettings } from '@latchkey/core'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { expect, test } from '../testing/command.ts'

test('set saves one revision that list, get and history show, as text and as JSON', async ({ latchkey }) => {
  const set = await latchkey(['config', 'set', 'ACCESS_TOKEN_LIFETIME=15m', 'REFRESH_GRACE=20', '--reason', 'why not'])
  expect(set).toMatchObject({
    code: 0,
    out: 'ACCESS_TOKEN_LIFETIME  30s -> 15m\nREFRESH_GRACE  10s -> 20s\n',
    err: 'Revision 1.\n',
  })
  const list = await latchkey(['config', 'list'])
  expect(list.out).toMatch(/^ACCESS_TOKEN_LIFETIME +15m +revision +30s$/m)
  for (const line of list.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  const json = (await latchkey(['config', 'list', '--json'])).json()
  expect(json).toMatchObject({ revision: 1, grace_seconds: 20 })

  expect(await latchkey(['config', 'get', 'ACCESS_TOKEN_LIFETIME'])).toMatchObject({ code: 0, out: '15m\n' })
  const got = (await latchkey(['config', 'get', 'ACCESS_TOKEN_LIFETIME', '--json'])).json()
  expect(got).toMatchObject({ name: 'ACCESS_TOKEN_LIFETIME', value: 900, source: 'revision', default: 30 })

  const history = await latchkey(['config', 'history', 'REFRESH_GRACE'])
  expect(history.out).toMatch(/^1 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}command {2}why not\n/)
  expect(history.out).toContain('REFRESH_GRACE  default -> 20s')
  expect((await latchkey(['config', 'history', '--json'])).json()).toMatchObject({
    items: [{ number: 1, actor: 'command', reason: 'why not' }],
    next: null,
  })
})

test('a server has what a command saved while it runs, and has locked what its environment says', async ({
  environment,
  latchkey,
  openServer,
}) => {
  const server = await openServer()
  await latchkey(['config', 'set', 'ACCESS_TOKEN_LIFETIME=5m', '--json'])
  await loadSettings(server)
  expect(listSettings(server)).toMatchObject({ revision: 1 })
  expect(server.settings.current().ACCESS_TOKEN_LIFETIME).toBe(300)

  Object.assign(environment, { LATCHKEY_ACCESS_TOKEN_LIFETIME: '60s' })
  const locked = await latchkey(['config', 'set', 'ACCESS_TOKEN_LIFETIME=5m'])
  expect(locked.code).toBe(4)
  expect(locked.err).toContain('LATCHKEY_ACCESS_TOKEN_LIFETIME')
})

test('what cannot be is refused with its own sentence, and nothing is saved', async ({ latchkey }) => {
  const broken = await latchkey(['config', 'set', 'ACCESS_TOKEN_LIFETIME=1h', 'REFRESH_TOKEN_LIFETIME=30m'])
  expect([broken.code, broken.out]).toEqual([4, ''])
  expect(broken.err).toContain('ACCESS_TOKEN_LIFETIME cannot be longer than REFRESH_TOKEN_LIFETIME.')
  expect((await latchkey(['config', 'set', 'ACCESS_TOKEN_LIFETIME=soon'])).code).toBe(4)

  const unknown = await latchkey(['config', 'set', 'ACESS_TOKEN_LIFETIME=1h'])
  expect([unknown.code, unknown.err]).toEqual([
    3,
    'There is no setting ACESS_TOKEN_LIFETIME. Did you mean ACCESS_TOKEN_LIFETIME?\n',
  ])
  expect((await latchkey(['config', 'get', 'refresh_grace'])).err).toContain('Did you mean REFRESH_GRACE?')
  expect((await latchkey(['config', 'set', 'REFRESH_GRACE'])).code).toBe(2)
  expect((await latchkey(['config', 'history', '--json'])).json()).toMatchObject({ items: [] })
})

test('who saves on an old revision sees the difference, in three columns', async ({ latchkey }) => {
  await latchkey(['config', 'set', 'ACCESS_TOKEN_LIFETIME=5m'])
  const late = await latchkey(['config', 'set', 'ACCESS_TOKEN_LIFETIME=10m', '--if-revision', '0'])
  expect([late.code, late.out]).toEqual([4, ''])
  expect(late.err).toMatch(/SETTING +AT 0 +THEIRS \(1\) +YOURS\nACCESS_TOKEN_LIFETIME +default +5m +10m\n/)
  expect(late.err).toContain('--if-revision 1')
})

test('preview, --dry-run and --for: told before, saved for a time, reset', async ({ latchkey }) => {
  const preview = await latchkey(['config', 'preview', 'REFRESH_TOKEN_LIFETIME=7d', '--json'])
  expect(preview.json()).toMatchObject({ revision: 0, changes: [{ from_text: '30d', to_text: '7d' }] })
  const dry = await latchkey(['config', 'set', 'REFRESH_TOKEN_LIFETIME=7d', '--dry-run'])
  expect([dry.code, dry.err]).toEqual([0, 'Nothing was changed.\n'])
  expect(dry.out).toContain('REFRESH_TOKEN_LIFETIME  30d -> 7d')

  const timed = await latchkey(['config', 'set', 'REGISTRATION_OPEN=off', '--for', '2h', '--json'])
  const [change] = timed.json().changes as { until: string }[]
  expect(Date.parse(change?.until ?? '') - Date.now()).toBeGreaterThan(7_100_000)
  expect((await latchkey(['config', 'list'])).out).toMatch(/^REGISTRATION_OPEN +off +override until 2/m)
  expect(await latchkey(['config', 'reset', 'REGISTRATION_OPEN'])).toMatchObject({
    code: 0,
    out: 'REGISTRATION_OPEN  off -> on\n',
  })
})

test('rollback shows what it would do and needs a yes', async ({ latchkey }) => {
  await latchkey(['config', 'set', 'ACCESS_TOKEN_LIFETIME=5m'])
  await latchkey(['config', 'set', 'ACCESS_TOKEN_LIFETIME=10m'])
  const unasked = await latchkey(['config', 'rollback', '1'])
  expect([unasked.code, unasked.out]).toEqual([4, ''])
  expect(unasked.err).toContain('ACCESS_TOKEN_LIFETIME  10m -> 5m')
  expect(unasked.err).toContain('say --yes')
  expect((await latchkey(['config', 'rollback', '1', '--yes', '--json'])).json()).toMatchObject({ revision: 3 })
  expect((await latchkey(['config', 'get', 'ACCESS_TOKEN_LIFETIME'])).out).toBe('5m\n')
  const missing = await latchkey(['config', 'rollback', '99', '--yes'])
  expect([missing.code, missing.err]).toEqual([3, 'There is no revision 99.\n'])
})

test('what export prints, import brings back in one revision', async ({ latchkey }) => {
  await latchkey(['config', 'set', 'ACCESS_TOKEN_LIFETIME=5m', 'PASSWORD_OWN_WORDS=latchkey,acme'])
  const exported = await latchkey(['config', 'export'])
  expect(exported.json()).toEqual({ ACCESS_TOKEN_LIFETIME: 300, PASSWORD_OWN_WORDS: ['latchkey', 'acme'] })
  await latchkey(['config', 'set', 'REFRESH_GRACE=5s'])
  await latchkey(['config', 'reset', 'PASSWORD_OWN_WORDS'])
  const unasked = await latchkey(['config', 'import', '-'], exported.out)
  expect([unasked.code, unasked.err]).toEqual([4, expect.stringContaining('latchkey, acme')])
  const imported = await latchkey(['config', 'import', '-', '--replace', '--yes', '--json'], exported.out)
  expect(imported.json()).toMatchObject({ revision: 4 })
  expect((await latchkey(['config', 'export'])).out).toBe(exported.out)

  const file = join(await mkdtemp(join(tmpdir(), 'latchkey-')), 'settings.json')
  await writeFile(file, '{"REFRESH_GRACE": "7s", "NO_SUCH": 1}')
  expect((await latchkey(['config', 'import', file, '--yes'])).code).toBe(3)
  await writeFile(file, '[]')
  expect((await latchkey(['config', 'import', file, '--yes'])).code).toBe(2)
  expect((await latchkey(['config', 'import', `${file}x`, '--yes'])).code).toBe(3)
})
