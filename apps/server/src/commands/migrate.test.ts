import { expect, test } from '../testing/command.ts'

test('status tells what is pending, and up applies it once', async ({ latchkey }) => {
  const before = await latchkey(['migrate', 'status'])
  expect([before.code, before.err]).toEqual([0, expect.stringContaining('latchkey migrate up')])
  expect(before.out).toMatch(/^0001-accounts-and-sessions +pending$/m)
  const up = await latchkey(['migrate', 'up', '--json'])
  expect(up.json().applied).toContain('0002-operators')
  expect((await latchkey(['migrate', 'up'])).err).toBe('Nothing to do: the database is up to this version.\n')
  expect((await latchkey(['migrate', 'status', '--json'])).json()).toMatchObject({ pending: 0 })
})

test('where a start would not migrate, a command does not either, and says what to do', async ({
  environment,
  latchkey,
}) => {
  Object.assign(environment, { LATCHKEY_MIGRATE: 'off' })
  const { code, out, err } = await latchkey(['config', 'list'])
  expect([code, out, err]).toEqual([1, '', expect.stringContaining('Run: latchkey migrate up')])
})
