/// <reference types="node" />
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from 'vitest'

/** The server as it is in this checkout; a process, because the client knows its API by type only. */
const MAIN = join(import.meta.dirname, '../../../../apps/server/src/main.ts')

/** Hashing at the least cost that is allowed, and no limits: these tests are about everything else. */
const QUICK = {
  LATCHKEY_RATE_LIMITS: 'off',
  LATCHKEY_PASSWORD_HASH_MEMORY: '7168',
  LATCHKEY_PASSWORD_HASH_ITERATIONS: '1',
}

/** The password of every account that tests make. */
export const PASSWORD = 'correct horse 42'

/** A real server. */
export interface TestServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  stop(): Promise<void>
}

/** Starts the server from its sources on a free port, on an empty database of its own, and waits until it is ready. */
export async function startServer(environment: Record<string, string> = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-client-'))
  // As root, PostgreSQL runs as another user, who has to pass.
  await chmod(folder, 0o711)
  const child = spawn(process.execPath, ['--conditions=@latchkey/source', MAIN], {
    env: { PATH: process.env['PATH'], PORT: '0', LATCHKEY_DATA_DIR: folder, ...QUICK, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += String(text)
    if (/localhost:\d+\/api/.test(said)) break
  }
  // What nobody reads would fill the pipe.
  child.stdout.resume()
  const port = /localhost:(\d+)\/api/.exec(said)?.[1]
  if (port === undefined) throw new Error(`the server is not ready:\n${said}`)
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Tests with a real server, one for each file. */
export const test = base
  /** What is said to it in its environment; a file may override it. */
  .extend('environment', { scope: 'file' }, (): Record<string, string> => ({}))
  .extend('server', { scope: 'file' }, async ({ environment }, { onCleanup }): Promise<TestServer> => {
    const server = await startServer(environment)
    onCleanup(() => server.stop())
    return server
  })
  /** Makes an account that no other test has. */
  .extend('makeAccount', ({ server }) => async () => {
    const account = { email: `${crypto.randomUUID()}@example.com`, password: PASSWORD }
    const answer = await fetch(`${server.url}/api/register/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(account),
    })
    if (answer.status !== 201) throw new Error(`registered with ${answer.status}`)
    return account
  })

export { expect } from 'vitest'
