import { spawnSync } from 'node:child_process'
import { goRound } from '@latchkey/typed-client-app'
import { expect, test as base } from 'vitest'
import { REPOSITORY } from './machine.ts'
import { startServer } from './server.ts'

const test = base.extend('url', { scope: 'file' }, async ({}, { onCleanup }) => {
  const server = await startServer()
  onCleanup(() => server.stop())
  return server.url
})

test('an app of its own compiles against the built client, strictly and without any', () => {
  const compile = ['node_modules/typescript/bin/tsc', '-p', 'e2e/typed-client/tsconfig.json']
  const { status, stdout } = spawnSync(process.execPath, compile, { cwd: REPOSITORY, encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
})

test('and goes the whole round over HTTP', async ({ url }) => {
  const account = { email: `${crypto.randomUUID()}@example.com`, password: 'password' }
  const round = await goRound(url, account)
  expect(round).toEqual({
    id: expect.any(Number),
    usernames: ['', 'John Smith', 'John Smith'],
    refreshTokens: [expect.any(String), expect.any(String)],
    goodbye: 'User logged out.',
    afterwards: 'invalid_refresh_token',
  })
  expect(new Set(round.refreshTokens).size).toBe(2)
  await expect(goRound(url, account)).rejects.toMatchObject({ data: { code: 'email_taken', status: 409 } })
})
