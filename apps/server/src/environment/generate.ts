import { readFileSync, writeFileSync } from 'node:fs'
import { auditReference } from '../audit-reference.ts'
import { cliReference } from '../commands/reference.ts'
import { settingsReference } from '../settings-reference.ts'
import { configurationReference } from './reference.ts'

/** The pages that are drawn from code. */
const PAGES = {
  'audit.md': auditReference,
  'configuration.md': configurationReference,
  'cli.md': cliReference,
  'settings.md': settingsReference,
}

// Writes the pages; with --check it only says whether they are as they would be written.
for (const [name, reference] of Object.entries(PAGES)) {
  const path = new URL(`../../../../docs/${name}`, import.meta.url)
  if (!process.argv.includes('--check')) writeFileSync(path, reference())
  else if (readFileSync(path, 'utf8') !== reference()) {
    process.stderr.write(`docs/${name} is not what the code says: \`npm run generate\` writes it anew.\n`)
    process.exitCode = 1
  }
}
