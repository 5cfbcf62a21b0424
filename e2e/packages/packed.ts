import { execFile } from 'node:child_process'
import { mkdir, readFile, readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { fetchPnpm } from '../../scripts/pnpm.mjs'
import { REPOSITORY } from '../machine.ts'

const run = promisify(execFile)

/** What a package says of itself, as far as these tests read it. */
export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports: Record<string, Record<string, string>>
  readonly publishConfig?: { readonly exports?: Record<string, Record<string, string>> }
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
}

/** A package as it would be published. */
export interface Packed {
  readonly tarball: string
  /** Where it lies unpacked: as after an install, below `node_modules`. */
  readonly folder: string
  readonly manifest: Manifest
  /** Every file, from the folder of the package. */
  readonly files: readonly string[]
}

/**
 * Packs what was built, by the program that publishes it: only that one puts versions in the place of `catalog:`.
 *
 * @param name of the folder below `packages`
 * @param app whose `node_modules` gets it
 */
export async function pack(name: string, app: string): Promise<Packed> {
  const pnpm = await fetchPnpm('Packing')
  const env = { ...process.env, PATH: `${pnpm}${delimiter}${process.env['PATH']}` }
  const options = { cwd: join(REPOSITORY, 'packages', name), env, shell: process.platform === 'win32' }
  const tarball = join(app, `${name}.tgz`)
  await run('pnpm', ['pack', '--out', tarball], options)
  const folder = join(app, 'node_modules', '@latchkey', name)
  await mkdir(folder, { recursive: true })
  await run('tar', ['xzf', tarball, '-C', folder, '--strip-components=1'])
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return {
    tarball,
    folder,
    manifest: await readManifest(folder),
    files: entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)),
  }
}

/** Reads the `package.json` of a folder. */
export async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
}
