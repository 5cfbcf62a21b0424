import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MEMORY, ROOT, packages } from './workspace.mjs'

/** Made by tools, or no part of what is built. */
const NOT_SOURCE = new Set(['node_modules', 'dist', '.turbo', '.data', 'reports'])

/** Changes with whatever makes an install necessary; the path too, because pnpm writes it into what it makes. */
export function installFingerprint() {
  const hash = createHash('sha256').update(`${ROOT}\n${process.platform}-${process.arch}\n`)
  const manifests = packages().map(({ path }) => `${path}/package.json`)
  for (const file of [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    '.npmrc',
    '.pnpmfile.cjs',
    ...manifests,
  ]) {
    addFile(hash, file)
  }
  return hash.digest('hex')
}

/** Changes with whatever makes a build necessary. Contents, not times: a checkout gives every file a new time. */
export function buildFingerprint() {
  const hash = createHash('sha256').update(installFingerprint())
  for (const file of ['tsconfig.base.json', 'turbo.json']) addFile(hash, file)
  for (const { path } of packages()) addFolder(hash, path)
  return hash.digest('hex')
}

/**
 * @param {string} name
 * @returns {string | undefined} the fingerprint that was remembered under this name
 */
export function remembered(name) {
  const file = join(MEMORY, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/**
 * Does work and remembers for which state of the files. Taken before it, so that what changes meanwhile is done next
 * time; forgotten until it succeeds, because work that broke off may have spoilt what was there.
 *
 * @template T
 * @param {string} name
 * @param {string} fingerprint
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function remembering(name, fingerprint, work) {
  const file = join(MEMORY, name)
  rmSync(file, { force: true })
  const result = await work()
  mkdirSync(MEMORY, { recursive: true })
  writeFileSync(file, fingerprint)
  return result
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} path
 */
function addFolder(hash, path) {
  for (const entry of readdirSync(join(ROOT, path), { withFileTypes: true }).sort(byName)) {
    if (NOT_SOURCE.has(entry.name)) continue
    if (entry.isDirectory()) addFolder(hash, `${path}/${entry.name}`)
    else if (entry.isFile()) addFile(hash, `${path}/${entry.name}`)
  }
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} file
 */
function addFile(hash, file) {
  const path = join(ROOT, file)
  if (!existsSync(path)) return
  const content = readFileSync(path)
  hash.update(`${file}\0${content.length}\0`).update(content)
}

/**
 * @param {{ name: string }} a
 * @param {{ name: string }} b
 */
function byName(a, b) {
  return a.name < b.name ? -1 : 1
}
