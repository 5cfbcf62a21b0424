import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { ASSET_NAMES, scalarInPackages } from './assets.ts'

/** The last 10 % would take 30 times as long. */
const BROTLI_QUALITY = 9

const OURS = join(import.meta.dirname, '../../src/docs-page')

// After the compiler, from dist: puts the files of the docs page beside this one, each compressed as well.
for (const name of ASSET_NAMES) {
  const content = readFileSync(name === 'scalar.js' ? scalarInPackages() : join(OURS, name))
  const target = join(import.meta.dirname, name)
  writeFileSync(target, content)
  writeFileSync(`${target}.gz`, gzipSync(content, { level: 9 }))
  writeFileSync(
    `${target}.br`,
    brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  )
}
