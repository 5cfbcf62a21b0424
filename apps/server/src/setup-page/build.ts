import { copyFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { FILES } from './page.ts'

const OURS = join(import.meta.dirname, '../../src/setup-page')

// After the compiler, from dist: puts what stands in the page beside it, each in one step.
for (const name of FILES) {
  const target = join(import.meta.dirname, name)
  copyFileSync(join(OURS, name), `${target}.new`)
  renameSync(`${target}.new`, target)
}
