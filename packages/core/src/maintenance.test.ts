import { vi } from 'vitest'
import type { Core } from './core.ts'
import { keepMaintained } from './maintenance.ts'
import { prepare } from './readiness.ts'
import type { Settings } from './settings/snapshot.ts'
import { pruneSessions } from './sessions/prune.ts'
import { expect, test } from './testing/test.ts'

/** Notes what maintenance says, by part. */
function noted(core: Core, heard: (line: string) => void = () => {}) {
  const said: string[] = []
  const note = (what: string) => (details: object) => {
    const line = `${'part' in details ? String(details.part) : ''} ${what}`
    said.push(line)
    heard(line)
  }
  return { said, log: { ...core.log, info: note('done'), warn: note('failed') } }
}

test('goes round again and again, after a round that failed too, until it is stopped', async ({
  core,
  login,
  clock,
}) => {
  const { said, log } = noted(core, (line) => {
    if (line === 'sessions done') stop()
  })
  const { settings } = core
  const current = vi
    .fn<Settings['current']>(() => settings.current())
    .mockImplementationOnce(() => {
      throw new Error('planted')
    })
  await login()
  clock.advance(100 * 86_400)
  const stop = keepMaintained({ ...core, log, settings: { ...settings, current } }, 0.01)
  await vi.waitFor(() => expect(said).toEqual(expect.arrayContaining(['sessions failed', 'sessions done'])), 10_000)
  const { length } = current.mock.calls
  for (let i = 0; i < 10; i++) expect(await pruneSessions(core)).toBe(0)
  expect(current.mock.calls).toHaveLength(length)
})

test('a part that fails again and again is told of once, and the others go on', async ({
  createInstance,
  emptyDatabase,
  clock,
}) => {
  const core = await createInstance({ databaseUrl: await emptyDatabase() })
  await prepare(core, { migrating: true })
  const { said, log } = noted(core)
  const current = vi.fn<Settings['current']>(() => ({ ...core.settings.current(), AUDIT_RETENTION: Number.NaN }))
  clock.advance(100 * 86_400)
  const stop = keepMaintained({ ...core, log, settings: { ...core.settings, current } }, 0.01)
  await vi.waitFor(() => expect(current.mock.calls.length).toBeGreaterThan(8), 10_000)
  stop()
  expect(said).toEqual(['audit failed'])
})
