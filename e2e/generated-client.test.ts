import { execFileSync, spawnSync } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { generate } from 'orval'
import { expect, test as base } from 'vitest'
import { REPOSITORY } from './machine.ts'
import { startServer } from './server.ts'

const require = createRequire(import.meta.url)
const COMPILERS = ['typescript', 'typescript-5']

/** A folder outside the repository, with a client made of what a running server says of itself, and an app upon it. */
const test = base.extend('folder', { scope: 'file' }, async ({}, { onCleanup }) => {
  const server = await startServer()
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-generated-'))
  onCleanup(async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })
  await cp(join(REPOSITORY, 'e2e', 'generated-client'), folder, { recursive: true })
  // Not there in the repository, where it would make the folder a package of the workspace.
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  const output = { target: join(folder, 'latchkey.ts'), client: 'fetch', baseUrl: server.url } as const
  await generate({ input: `${server.url}/openapi.json`, output }, folder)
  return folder
})

test.for(COMPILERS)('a client that orval makes of /openapi.json compiles with %s', (compiler, { folder }) => {
  const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), 'bin', 'tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
})

test('and goes the whole round over REST, every answer as its type says', ({ folder }) => {
  const account = { email: `${crypto.randomUUID()}@example.com`, password: 'password' }
  const run = `import { goRound } from './round.ts'; console.log(JSON.stringify(await goRound(${JSON.stringify(account)})))`
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', run], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(JSON.parse(printed)).toEqual({
    isSameAccount: true,
    usernames: ['', 'John Smith', 'John Smith'],
    isNewToken: true,
    goodbye: 'User logged out.',
    taken: 'email_taken',
    ended: 'invalid_refresh_token',
  })
})
