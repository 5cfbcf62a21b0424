import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The files of the docs page, and what each is. */
export const TYPES = {
  'start.js': 'text/javascript; charset=utf-8',
  'scalar.js': 'text/javascript; charset=utf-8',
  'theme.css': 'text/css; charset=utf-8',
  'favicon.svg': 'image/svg+xml',
} as const

/** One of {@link TYPES}. */
export type AssetName = keyof typeof TYPES

/** All names. */
export const ASSET_NAMES = Object.keys(TYPES) as AssetName[]

/** Encodings that a build makes beside a file, the smaller one first, and how their files end. */
export const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/** A file under a name that changes with its content, so that a browser need never ask again. */
export interface Asset {
  /** `/docs/scalar-3f2a….js` */
  path: string
  file: string
  type: string
}

/** The one file of Scalar that we serve. Its 295 MB of packages are there to build, and in development. */
export function scalarInPackages(): string {
  const known = createRequire(import.meta.url).resolve('@scalar/api-reference/style.css')
  return join(dirname(known), 'browser/standalone.js')
}

/** Finds all assets and names each by its content. Takes some 10 ms, for the 4 MB of Scalar. */
export async function findAssets(): Promise<Record<AssetName, Asset>> {
  const found = await Promise.all(ASSET_NAMES.map(async (name) => [name, await findAsset(name)] as const))
  return Object.fromEntries(found) as Record<AssetName, Asset>
}

async function findAsset(name: AssetName): Promise<Asset> {
  const built = join(import.meta.dirname, name)
  const file = existsSync(built) ? built : scalarInPackages()
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 16)
  return { path: `/docs/${name.replace('.', `-${digest}.`)}`, file, type: TYPES[name] }
}
