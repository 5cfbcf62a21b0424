import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { publint } from 'publint'
import { expect, test as base } from 'vitest'
import { REPOSITORY } from './machine.ts'
import { bundle } from './packages/bundle.ts'
import { link, makeConsumer } from './packages/consumer.ts'
import { readManifest } from './packages/packed.ts'
import { stayIn } from './packages/stay-in.ts'
import { startServer } from './server.ts'

const require = createRequire(import.meta.url)

const PACKAGES = ['client', 'verify'] as const
const COMPILERS = ['typescript', 'typescript-5']
const RESOLUTIONS = ['bundler', 'nodenext']
/** Short, so that the test is; yet as with 30 s, most of it is used before the next token is fetched. */
const LIFETIME_SECONDS = 5
const SILENT = { status: 0, stdout: '' }

const test = base.extend('app', { scope: 'file' }, async ({}, { onCleanup }) => {
  const consumer = await makeConsumer()
  onCleanup(() => consumer.remove())
  return consumer
})

test.for(PACKAGES)('publint finds nothing to say against @latchkey/%s', async (name, { app }) => {
  // What lies there was packed already.
  const { messages } = await publint({ pkgDir: app[name].folder, pack: false, strict: true })
  expect(messages).toEqual([])
})

test.for(PACKAGES)(
  'every entry of @latchkey/%s has its types, for ESM in Node and for bundlers',
  async (name, { app }) => {
    const attw = join(dirname(require.resolve('@arethetypeswrong/cli/package.json')), 'dist', 'index.js')
    const checked = await runNode([attw, app[name].tarball, '--profile=esm-only', '--format=ascii', '--no-emoji'])
    expect(checked).toEqual({ status: 0, stdout: expect.stringContaining(`@latchkey/${name}/`) })
  },
)

test.for(PACKAGES)('@latchkey/%s brings what it needs, and nothing of the repository', async (name, { app }) => {
  const { manifest, files, folder } = app[name]
  const { exports, publishConfig } = await readManifest(join(REPOSITORY, 'packages', name))
  expect(publishConfig?.exports).toEqual(withoutSources(exports))
  expect(manifest.exports).toEqual(withoutSources(exports))
  expect(manifest.private).toBeUndefined()
  expect(Object.values(manifest.dependencies ?? {}).filter((range) => /[a-z]:/.test(range))).toEqual([])
  const others = files
    .map((file) => relative(folder, file))
    .filter((file) => !/^dist\/.+\.(js|d\.ts|js\.map)$/.test(file))
  expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json'])
})

test.for(PACKAGES)('@latchkey/%s asks for what it imports, and for nothing else', async (name, { app }) => {
  const { dependencies, peerDependencies } = app[name].manifest
  const code = app[name].files.filter((file) => /\.(js|d\.ts)$/.test(file))
  const imported = new Set((await Promise.all(code.map(importsOf))).flat())
  expect([...imported].toSorted()).toEqual(Object.keys({ ...dependencies, ...peerDependencies }).toSorted())
})

test.for(PACKAGES)('no type of @latchkey/%s is any, and none is the server’s', async (name, { app }) => {
  const declared = app[name].files.filter((file) => file.endsWith('.d.ts'))
  const found = await Promise.all(declared.map(async (file) => [file, withoutComments(await readFile(file, 'utf8'))]))
  expect(found.length).toBeGreaterThan(10)
  expect(found.filter(([, text = '']) => /\bany\b|@latchkey\/(?!client|verify)/.test(text))).toEqual([])
})

test.concurrent.for(COMPILERS.flatMap((compiler) => RESOLUTIONS.map((resolution) => [compiler, resolution] as const)))(
  'an app with the packed packages compiles with %s and moduleResolution %s',
  async ([compiler, resolution], { app }) => {
    expect(await runNode([tsc(compiler), '-p', join(app.folder, `tsconfig.${resolution}.json`)])).toEqual(SILENT)
  },
)

// Beside the compilers, because it mostly waits.
test.concurrent('an app stays in, and its service knows it when our server is stopped', async ({ app }) => {
  const server = await startServer({ LATCHKEY_ACCESS_TOKEN_LIFETIME: `${LIFETIME_SECONDS}s` })
  const calls = 3 * LIFETIME_SECONDS
  const { seen, seconds, afterStop } = await stayIn(app, server, calls)
  const { TOKEN_REFRESHED: refreshes, ...others } = seen
  expect(others).toEqual({ INITIAL_SESSION: 1, SIGNED_IN: 1, 200: calls })
  // Tokens of 30 s need one a lifetime; of these, which live for a few whole seconds, a part is kept for the way.
  expect(refreshes).toBeGreaterThanOrEqual(2)
  expect(refreshes).toBeLessThanOrEqual((2 * seconds) / LIFETIME_SECONDS)
  expect(afterStop).toMatch(/^200 Hello \d+$/)
})

test('the router that is published has every procedure of the server, with its types', async ({ app }) => {
  await link(join(REPOSITORY, 'packages', 'api'), app.folder, '@latchkey/api')
  expect(await runNode([tsc('typescript'), '-p', join(app.folder, 'same-router')])).toEqual(SILENT)
})

test('the core of the client is small beside @trpc/client, and has nothing of React and of the server', async ({
  app,
}) => {
  const { gzipped, inputs } = await bundle(app, `export { createLatchkeyClient } from '@latchkey/client'`)
  expect(gzipped).toBeLessThanOrEqual(12_000)
  expect(inputs.filter((input) => !input.startsWith('@latchkey/client/dist/'))).toEqual([])
  expect(inputs.filter((input) => /react|cookies/.test(input))).toEqual([])
})

test('the verifier is small beside jose', async ({ app }) => {
  const { gzipped, inputs } = await bundle(app, `export { createVerifier } from '@latchkey/verify'`)
  expect(gzipped).toBeLessThanOrEqual(5000)
  expect(inputs.filter((input) => !input.startsWith('@latchkey/verify/dist/'))).toEqual([])
})

test.for([
  ['@latchkey/client', 'isLatchkeyError', 1000],
  ['@latchkey/verify', 'TokenError', 1000],
] as const)('who takes one thing of %s, %s, does not get the rest', async ([name, what, bytes], { app }) => {
  const { gzipped } = await bundle(app, `export { ${what} } from '${name}'`)
  expect(gzipped).toBeLessThanOrEqual(bytes)
})

function runNode(args: string[]): Promise<{ status: unknown; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout) => resolve({ status: error === null ? 0 : error.code, stdout }))
  })
}

function tsc(compiler: string): string {
  return join(dirname(require.resolve(`${compiler}/package.json`)), 'bin', 'tsc')
}

/** What is for the repository alone is not packed: sources, and entries that are nothing else. */
function withoutSources(exports: Record<string, Record<string, string>>) {
  const entries = Object.entries(exports).map(([entry, { '@latchkey/source': _, ...conditions }]) => [
    entry,
    conditions,
  ])
  return Object.fromEntries(entries.filter(([, conditions = {}]) => Object.keys(conditions).length > 0))
}

/** The packages that a file imports: `@trpc/server` for `@trpc/server/observable`. */
async function importsOf(file: string): Promise<string[]> {
  const text = withoutComments(await readFile(file, 'utf8'))
  const found = Array.from(
    text.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g),
    ([, specifier = '']) => specifier,
  )
  const bare = found.filter((specifier) => !/^(\.|node:)/.test(specifier))
  return bare.map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier)
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '')
}
