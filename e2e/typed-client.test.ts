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
  expect(await goRound(url, account)).toEqual({
    id: expect.any(Number),
    usernames: ['', 'John Smith', 'John Smith'],
    sessions: [expect.objectContaining({ current: true })],
    events: ['INITIAL_SESSION', 'SIGNED_IN', 'USER_UPDATED', 'SIGNED_OUT'],
    afterwards: 'missing_token',
  })
  await expect(goRound(url, account)).rejects.toMatchObject({ code: 'email_taken', status: 409 })
})
