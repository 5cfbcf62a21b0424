import { readdir, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { prepare } from '@latchkey/core'
import { type OwnDatabase, startOwnDatabase } from './embedded-database.ts'
import { makeDataFolder, postmasterOf } from './testing/data-folder.ts'
import { expect, test as base } from './testing/served.ts'

const test = base
  /** An empty data folder. */
  .extend('folder', async ({}, { onCleanup }) => {
    const folder = await makeDataFolder()
    onCleanup(() => rm(folder, { recursive: true, force: true }))
    return folder
  })
  /** A database of our own in it. */
  .extend('own', async ({ folder }, { onCleanup }): Promise<OwnDatabase> => {
    const own = await startOwnDatabase(folder, () => {})
    onCleanup(() => own.stop())
    return own
  })

test('a database that answers nothing because of a lock is not gone', async ({
  own,
  folder,
  log,
  logged,
  createInstance,
}) => {
  const core = await createInstance({ databaseUrl: own.url })
  await prepare(core, { migrating: true })
  await core.db.reserve(async (connection) => {
    await connection.many({ name: 'test.begin', text: 'begin' }, [])
    await connection.many({ name: 'test.lock', text: 'lock table migration in access exclusive mode' }, [])
    expect(await prepare(core, { migrating: false })).toMatchObject({ part: 'database' })
    await own.restartIfGone(log)
    await connection.many({ name: 'test.rollback', text: 'rollback' }, [])
  })
  expect(logged).toEqual([])
  expect(await usesOf(folder)).toBe(1)
})

test('one that was killed is started again, in the same place, and used once', async ({ own, folder, log, logged }) => {
  for (const round of [1, 2, 3]) {
    process.kill(await postmasterOf(folder), 'SIGKILL')
    await expect.poll(() => own.restartIfGone(log).then(() => logged.length), { timeout: 15_000 }).toBe(2 * round)
    expect(logged.at(-1)).toMatchObject({ msg: 'the embedded PostgreSQL runs again' })
  }
  // A second descriptor is open while there is a lock: SQLite, which locks for us, keeps it to use it again.
  expect(await usesOf(folder)).toBeLessThanOrEqual(2)
  await own.stop()
  await expect(postmasterOf(folder)).rejects.toThrow('ENOENT')
})

/** How often this process holds the lock of who uses the database; what there is to see it by, only Linux has. */
async function usesOf(folder: string): Promise<number> {
  if (process.platform !== 'linux') return 1
  const targets = await Promise.all(
    (await readdir('/proc/self/fd')).map((descriptor) => readlink(`/proc/self/fd/${descriptor}`).catch(() => '')),
  )
  return targets.filter((target) => target === join(folder, 'postgres/use.lock')).length
}
