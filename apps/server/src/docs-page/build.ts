import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { ASSET_NAMES, scalarInPackages } from './assets.ts'

/** The last 10 % would take 30 times as long. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }
const OURS = join(import.meta.dirname, '../../src/docs-page')

// After the compiler, from dist: puts the files of the docs page beside this one, each compressed as well.
for (const name of ASSET_NAMES) {
  const content = readFileSync(name === 'scalar.js' ? scalarInPackages() : join(OURS, name))
  put(name, content)
  put(`${name}.gz`, gzipSync(content, { level: 9 }))
  put(`${name}.br`, brotliCompressSync(content, BROTLI))
}

/** In one step: a server that runs may be reading the file. */
function put(name: string, content: Buffer): void {
  const target = join(import.meta.dirname, name)
  writeFileSync(`${target}.new`, content)
  renameSync(`${target}.new`, target)
}
