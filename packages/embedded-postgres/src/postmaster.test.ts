import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { urlOf } from './address.ts'
import { provideBinaries } from './binaries.ts'
import { initialise } from './data-directory.ts'
import { findPostmaster, startPostmaster, stopPostmaster } from './postmaster.ts'
import { startEmbeddedPostgres } from './start.ts'
import { ask, expect, homeOf, test } from './testing/test.ts'

test('listens on a free port of the loopback address where there are no sockets', async ({ dataDir }) => {
  const home = await homeOf(dataDir())
  const binaries = await provideBinaries(home)
  await initialise(home, binaries, 'a-password', 'fleeting')
  const started = await startPostmaster(home, binaries, {}, 'a-password', 'win32')
  if ('passing' in started) throw started.passing
  expect(await findPostmaster(home)).toMatchObject(started)
  expect(started.address.host).toBe('127.0.0.1')
  expect(await ask(urlOf(started.address, 'a-password', 'postgres'), 'show unix_socket_directories')).toBe('')
  await stopPostmaster(home, started)
  expect(await findPostmaster(home)).toBeUndefined()
})

test('puts a log aside that has grown, and the one before it goes', async ({ dataDir }) => {
  await (await startEmbeddedPostgres({ dataDir: dataDir() })).stop()
  const { folder } = await homeOf(dataDir())
  const log = join(folder, 'postgres.log')
  for (const round of [1, 2]) {
    writeFileSync(log, 'x'.repeat(1024 * 1024 + round))
    await (await startEmbeddedPostgres({ dataDir: dataDir() })).stop()
    expect(statSync(log).size).toBeLessThan(10_000)
    expect(statSync(`${log}.1`).size).toBe(1024 * 1024 + round)
  }
})
