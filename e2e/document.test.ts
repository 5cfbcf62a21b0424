import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test as base } from 'vitest'
import { REPOSITORY } from './machine.ts'
import { startServer } from './server.ts'

const require = createRequire(import.meta.url)

const test = base.extend('download', { scope: 'file' }, async ({}, { onCleanup }) => {
  const server = await startServer()
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-document-'))
  onCleanup(async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })
  return async (name: string): Promise<string> => {
    const file = join(folder, name)
    await writeFile(file, await (await fetch(`${server.url}/${name}`)).text())
    return file
  }
})

test.for(['openapi.json', 'openapi.yaml'])('Redocly finds nothing to say against %s', async (name, { download }) => {
  const lint = [
    require.resolve('@redocly/cli/bin/cli.js'),
    'lint',
    await download(name),
    '--config=redocly.yaml',
    '--format=json',
  ]
  const output = execFileSync(process.execPath, lint, {
    cwd: REPOSITORY,
    encoding: 'utf8',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  })
  expect(JSON.parse(output)).toMatchObject({ totals: { errors: 0, warnings: 0, ignored: 0 } })
})
