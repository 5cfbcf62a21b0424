import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REPOSITORY, shellEnvironment } from './machine.ts'

/** A built server on a free port, with a data folder of its own. */
export interface Server {
  readonly url: string
  /** By which the first admin is made: it is printed while there is none. */
  readonly setupLink: string
  stop(): Promise<void>
}

/**
 * Starts what was built, on an empty data folder, and waits until it says that it is ready.
 *
 * @param environment settings other than the defaults
 */
export async function startServer(environment: Record<string, string> = {}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'))
  // As root, PostgreSQL runs as another user, who has to pass; else its data would be elsewhere, and stay.
  await chmod(folder, 0o711)
  const child = spawn(process.execPath, [join(REPOSITORY, 'apps/server/dist/main.js')], {
    env: {
      ...shellEnvironment(undefined),
      PORT: '0',
      LATCHKEY_DATA_DIR: folder,
      LATCHKEY_RATE_LIMITS: 'off',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let printed = ''
  for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    printed += chunk
    if (printed.includes('curl')) break
  }
  const [url] = /http:\/\/localhost:\d+/.exec(printed) ?? []
  if (url === undefined) throw new Error(`the server is not ready:\n${printed}`)
  return {
    url,
    setupLink: /http:\S+\/admin\/setup#\S+/.exec(printed)?.[0] ?? '',
    async stop() {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
