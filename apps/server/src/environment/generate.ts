import { readFileSync, writeFileSync } from 'node:fs'
import { configurationReference } from './reference.ts'

// Writes docs/configuration.md; with --check it only says whether that is as it would be written.
const path = new URL('../../../../docs/configuration.md', import.meta.url)
const reference = configurationReference()
if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') !== reference) {
    process.stderr.write('docs/configuration.md is not what the code says: `npm run generate` writes it anew.\n')
    process.exitCode = 1
  }
} else {
  writeFileSync(path, reference)
}
