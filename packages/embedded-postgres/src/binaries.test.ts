import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, cp, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { findPackage, provideBinaries } from './binaries.ts'
import { chooseSystemUser, isRoot } from './system-user.ts'
import { programOptions } from './program.ts'
import { expect, test } from './testing/test.ts'

test('uses the programs where npm put them', async ({ folder }) => {
  const installed = await findPackage()
  const { postgres } = await provideBinaries({ folder, systemUser: undefined }, installed)
  expect(postgres).toBe(join(installed.folder, 'native/bin/postgres'))
  expect(version(postgres)).toMatch(/^postgres \(PostgreSQL\) 18/)
})

test('says that there is none for a platform', async () => {
  await expect(findPackage('sunos-sparc')).rejects.toThrow(/no PostgreSQL to install for sunos-sparc .*DATABASE_URL/)
})

test('makes the links that an install without scripts left out', async ({ folder }) => {
  const installed = await copyOfPackage(join(folder, 'installed'))
  for (const name of await readdir(join(installed.folder, 'native/lib'))) {
    if (name.endsWith('.so') || /\.so\.\d+$/.test(name)) await rmLink(join(installed.folder, 'native/lib', name))
  }
  const { postgres } = await provideBinaries({ folder, systemUser: undefined }, installed)
  expect(version(postgres)).toMatch(/^postgres \(PostgreSQL\) 18/)
  expect(postgres.startsWith(installed.folder)).toBe(false)
})

test('says that it does not run below a path that its own tools cannot take', async ({ folder }) => {
  const home = { folder: join(folder, 'a "name"'), systemUser: undefined }
  const installed = { folder: join(home.folder, 'installed'), version: '18' }
  await expect(provideBinaries(home, installed)).rejects.toThrow(/below a path with a " \$ ` or \\ in it/)
})

test.skipIf(!isRoot())(
  'copies them for a user that cannot go there (needs root to be two users)',
  async ({ folder }) => {
    const home = { folder, systemUser: await chooseSystemUser(join(folder, 'data')) }
    const installed = await copyOfPackage(join(folder, 'installed'))
    await chmod(installed.folder, 0o700)
    // A version of its own: the copies of real ones are shared by the whole machine.
    const ours = { ...installed, version: `test-${process.pid}` }
    const [first, second] = await Promise.all([provideBinaries(home, ours), provideBinaries(home, ours)])
    expect(execFileSync(first.initdb, ['--version'], { ...programOptions(home), encoding: 'utf8' })).toMatch(/ 18/)
    expect(second).toEqual(first)
    const copy = dirname(dirname(dirname(first.initdb)))
    expect((await readdir(dirname(copy))).filter((name) => name.includes(ours.version))).toEqual([basename(copy)])
    await rm(copy, { recursive: true })
  },
)

async function copyOfPackage(copy: string): Promise<{ folder: string; version: string }> {
  const { folder, version: number } = await findPackage()
  await cp(folder, copy, { recursive: true, verbatimSymlinks: true })
  return { folder: copy, version: number }
}

async function rmLink(path: string): Promise<void> {
  const real = execFileSync('readlink', ['-f', path], { encoding: 'utf8' }).trim()
  if (real !== path && existsSync(real)) await rm(path)
}

const version = (program: string): string => execFileSync(program, ['--version'], { encoding: 'utf8' })
