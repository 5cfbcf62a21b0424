import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './workspace.mjs'

const REFUSED = /** @type {[path: string, source: string][]} */ ([
  ['packages/core/src/a.ts', `import { Hono } from 'hono'`],
  ['packages/core/src/a.ts', `import { cors } from 'hono/cors'`],
  ['packages/core/src/a.ts', `import { serve } from '@hono/node-server'`],
  ['packages/core/src/a.ts', `import { TRPCError } from '@trpc/server'`],
  ['packages/core/src/a.ts', `import type { TRPCError } from '@trpc/server'`],
  ['packages/core/src/a.ts', `import type { OpenApiMeta } from 'trpc-to-openapi'`],
  ['packages/core/src/a.ts', `import type { AppRouter } from '@latchkey/api'`],
  ['packages/core/src/a.ts', `import { start } from '@latchkey/embedded-postgres'`],
  ['packages/core/src/a.ts', `import { Core } from '@latchkey/core'`],
  ['packages/core/src/a.ts', `import { serve } from '@latchkey/server'`],
  ['packages/core/src/sessions/a.ts', `import { serve } from '../../../../apps/server/src/serve.ts'`],
  ['packages/core/src/a.test.ts', `import { router } from '@latchkey/api'`],
  ['packages/api/src/a.ts', `import { Hono } from 'hono'`],
  ['packages/api/src/a.ts', `import { start } from '@latchkey/embedded-postgres'`],
  ['packages/api/src/a.ts', `import { client } from '@latchkey/client'`],
  ['packages/api/src/a.ts', `import { openapi } from '@latchkey/api/openapi'`],
  ['packages/api/src/a.ts', `import { open } from '../../core/src/database/open.ts'`],
  ['packages/api/src/a.ts', `export { open } from '../../core/dist/database/open.js'`],
  ['packages/client/src/a.ts', `import { router } from '@latchkey/api'`],
  ['packages/client/src/a.ts', `import type { Core } from '@latchkey/core'`],
  ['packages/client/src/a.ts', `import { Hono } from 'hono'`],
  ['packages/embedded-postgres/src/a.ts', `import { createCore } from '@latchkey/core'`],
  ['apps/server/src/a.ts', `import { app } from '@latchkey/server'`],
  ['apps/server/src/a.ts', `import { app } from '@latchkey/demo'`],
  ['e2e/a.test.ts', `import { app } from '../apps/server/src/app.ts'`],
])

const ALLOWED = /** @type {[path: string, source: string][]} */ ([
  ['packages/core/src/sessions/a.ts', `import { open } from '../database/open.ts'`],
  ['packages/core/src/testing/a.ts', `import { start } from '@latchkey/embedded-postgres'`],
  ['packages/core/src/a.test.ts', `import { start } from '@latchkey/embedded-postgres'`],
  ['packages/api/src/a.ts', `import { refresh } from '@latchkey/core'`],
  ['packages/api/src/a.ts', `import { initTRPC } from '@trpc/server'`],
  ['packages/client/src/a.ts', `import type { AppRouter } from '@latchkey/api'`],
  ['apps/server/src/mounts/a.ts', `import { Hono } from 'hono'`],
  ['apps/server/src/mounts/a.ts', `import { router } from '@latchkey/api'`],
  ['apps/server/src/a.ts', `import { createCore } from '@latchkey/core'`],
  ['e2e/a.test.ts', `import { createClient } from '@latchkey/client'`],
])

const CYCLE = /** @type {[path: string, source: string][]} */ ([
  ['packages/core/src/one.ts', `import { two } from './two.ts'\nexport const one = () => two`],
  ['packages/core/src/two.ts', `import { one } from './one.ts'\nexport const two = () => one`],
])

const complaints = lint([...REFUSED, ...ALLOWED].map(planted).concat(CYCLE))

test.for(REFUSED)('refuses in %s: %s', (violation) => {
  expect(complaints(planted(violation)[0])).toContain('no-restricted-imports')
})

test.for(ALLOWED)('allows in %s: %s', (source) => {
  expect(complaints(planted(source)[0])).not.toContain('no-restricted-imports')
})

test('refuses a cycle', () => {
  expect(complaints('packages/core/src/two.ts')).toContain('no-cycle')
})

/**
 * Gives each source a file of its own, so that one run of the linter sees them all.
 *
 * @param {[path: string, source: string]} file
 * @returns {[path: string, source: string]}
 */
function planted([path, source]) {
  const place = [...REFUSED, ...ALLOWED].findIndex((other) => other[0] === path && other[1] === source)
  return [path.replace('a.', `planted-${place}.`), source]
}

/**
 * Runs the linter, by our rules, over a folder that holds nothing but these files.
 *
 * @param {[path: string, source: string][]} files
 * @returns {(path: string) => string} what it says of one of them
 */
function lint(files) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-lint-'))
  cpSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  for (const [path, source] of files) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), `${source}\n`)
  }
  const oxlint = join(ROOT, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'unix'], { cwd: folder, encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  return (path) => {
    const lines = stdout.split('\n').filter((line) => line.startsWith(`${path}:`))
    return lines.join('\n')
  }
}
