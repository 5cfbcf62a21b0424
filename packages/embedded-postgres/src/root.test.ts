import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe } from 'vitest'
import { removeDataDir } from './home.ts'
import { startEmbeddedPostgres } from './start.ts'
import { isRoot } from './system-user.ts'
import {
  ask,
  expect,
  folderOf,
  homeOf,
  ordinaryUser,
  ordinaryUserCanRun,
  postmasterPidOf,
  test,
} from './testing/test.ts'

describe.skipIf(!isRoot())('as root, whom PostgreSQL refuses', () => {
  test('runs as a user without rights and none of its groups', async ({ dataDir }) => {
    const server = await startEmbeddedPostgres({ dataDir: dataDir() })
    const status = await readFile(`/proc/${await postmasterPidOf(dataDir())}/status`, 'utf8')
    const { systemUser } = await homeOf(dataDir())
    expect(status).toMatch(new RegExp(`^Uid:\\s${systemUser!.uid}\\s`, 'm'))
    expect(status).toMatch(/^Groups:\s*$/m)
    await server.stop()
  })

  test('keeps the password from the user that PostgreSQL runs as', async ({ dataDir }) => {
    await (await startEmbeddedPostgres({ dataDir: dataDir() })).stop()
    const { folder } = await homeOf(dataDir())
    expect(await stat(join(folder, 'password'))).toMatchObject({ uid: 0, mode: 0o100600 })
    expect(await stat(folder)).toMatchObject({ uid: 0 })
  })

  test('runs below a folder that nobody else can enter', async ({ folder, dataDir }) => {
    await shut(join(folder, 'shut'))
    const server = await startEmbeddedPostgres({ dataDir: dataDir('shut/postgres') })
    await ask(server.url, 'create table kept as select 42 as value')
    await server.stop()
    const again = await startEmbeddedPostgres({ dataDir: dataDir('shut/postgres') })
    expect(await ask(again.url, 'select value from kept')).toBe(42)
    await again.stop()
    const home = await homeOf(dataDir('shut/postgres'))
    expect(home.folder.startsWith('/var/lib/latchkey/')).toBe(true)
    expect(await stat(join(home.folder, 'password'))).toMatchObject({ uid: 0, mode: 0o100600 })
  })

  test('a moved checkout keeps its data, a copied one gets its own', async ({ folder, dataDir }) => {
    await shut(join(folder, 'shut'))
    const [first, moved, copied] = [dataDir('shut/first'), dataDir('shut/moved'), dataDir('shut/copied')]
    await (await startEmbeddedPostgres({ dataDir: first })).stop()
    const { folder: home } = await homeOf(first)
    await rename(first, moved)
    expect((await homeOf(moved)).folder).toBe(home)
    await cp(moved, copied, { recursive: true })
    expect((await homeOf(copied)).folder).not.toBe(home)
    expect((await homeOf(moved)).folder).toBe(home)
  })

  test('removes what stands in for the data with them, and nothing else that a file may name', async ({
    folder,
    dataDir,
  }) => {
    await shut(join(folder, 'shut'))
    const [first, second] = [dataDir('shut/first'), dataDir('shut/second')]
    for (const each of [first, second]) await (await startEmbeddedPostgres({ dataDir: each })).stop()
    const [theirs, ours] = [(await homeOf(first)).folder, (await homeOf(second)).folder]
    await removeDataDir(second)
    expect(existsSync(ours)).toBe(false)
    await mkdir(second)
    await writeFile(join(second, 'lies-elsewhere.txt'), theirs)
    await removeDataDir(second)
    expect([existsSync(second), existsSync(theirs)]).toEqual([false, true])
  })

  test('says so when the folder that stood in for the data is gone', async ({ folder, dataDir }) => {
    await shut(join(folder, 'shut'))
    await (await startEmbeddedPostgres({ dataDir: dataDir('shut/postgres') })).stop()
    await rm((await homeOf(dataDir('shut/postgres'))).folder, { recursive: true })
    await expect(startEmbeddedPostgres({ dataDir: dataDir('shut/postgres') })).rejects.toThrow(/is gone\. Put it back/)
  })

  test.skipIf(!ordinaryUserCanRun)(
    'goes on with the data of an ordinary user, as that user',
    async ({ folder, dataDir, owner }) => {
      const user = await ordinaryUser()
      await folderOf(user, join(folder, 'theirs'))
      await chmod(join(folder, 'theirs'), 0o700)
      const theirs = owner(dataDir('theirs/postgres'), { user })
      await ask(await theirs.url(), 'create table kept as select 42 as value')
      await theirs.stop()
      const ours = await startEmbeddedPostgres({ dataDir: dataDir('theirs/postgres') })
      expect(await ask(ours.url, 'select value from kept')).toBe(42)
      await ours.stop()
      const back = owner(dataDir('theirs/postgres'), { user })
      expect(await ask(await back.url(), 'select value from kept')).toBe(42)
      await back.stop()
    },
  )

  test('says so when the way to its data was shut later', async ({ folder, dataDir }) => {
    await mkdir(join(folder, 'way'))
    await (await startEmbeddedPostgres({ dataDir: dataDir('way/postgres') })).stop()
    await chmod(join(folder, 'way'), 0o700)
    await expect(startEmbeddedPostgres({ dataDir: dataDir('way/postgres') })).rejects.toThrow(
      /may not go to .*DATABASE_URL/,
    )
    await chmod(join(folder, 'way'), 0o755)
    expect(existsSync(join(folder, 'way/postgres/data'))).toBe(true)
  })
})

async function shut(folder: string): Promise<void> {
  await mkdir(folder)
  await chmod(folder, 0o700)
}
