import { expect, test } from '../testing/command.ts'
import { startInstance } from '../testing/instance.ts'

const NEW_SECRET = 'the next root secret, of 32 characters and more'

test('keys are sealed anew once every instance knows the new secret, and not before', { timeout: 60_000 }, async ({
  latchkey,
  environment,
  onTestFinished,
}) => {
  const old = await startInstance({ ...environment, LATCHKEY_INSTANCE_NAME: 'the old one' })
  onTestFinished(() => old.kill())
  const both = { LATCHKEY_SECRET: NEW_SECRET, LATCHKEY_SECRET_PREVIOUS: environment.LATCHKEY_SECRET }
  const alone = await latchkey(['keys', 'reseal'])
  expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('LATCHKEY_SECRET_PREVIOUS is not set')])
  await old.post('/api/register/', { email: 'ann@example.com', password: 'correct horse 42' })
  await old.post('/api/login/', { email: 'ann@example.com', password: 'correct horse 42' })
  Object.assign(environment, both)
  const early = await latchkey(['keys', 'reseal'])
  expect([early.code, early.err]).toEqual([4, expect.stringContaining('the old one')])

  const aware = await startInstance({ ...environment, LATCHKEY_INSTANCE_NAME: 'the new one' })
  onTestFinished(() => aware.kill())
  await old.kill()
  // One that was killed counts as alive for a quarter of a minute.
  const resealed = async () => (await latchkey(['keys', 'reseal', '--json'])).out
  await expect.poll(resealed, { timeout: 40_000, interval: 1000 }).toContain('sessions_under_previous')
  expect(JSON.parse(await resealed())).toEqual({ keys: 0, sessions_under_previous: 1 })
  const list = JSON.parse((await latchkey(['keys', 'list', '--json'])).out) as { items: object[] }
  expect(list.items).toMatchObject([{ sealed_under_previous: false }, { sealed_under_previous: false }])
})
