import { relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Core, readiness } from '@latchkey/core'
import type { ChosenDatabase } from './database.ts'

/** Milliseconds between two looks at whether it still runs. */
const WATCH_MS = 2000

/**
 * A PostgreSQL of our own, below the data folder. Nobody else looks after it: should it be killed, it is started again,
 * and until then calls get a 503 as they do whenever a database is gone.
 *
 * @throws EmbeddedPostgresError
 */
export async function startOwnDatabase(
  dataDir: string,
  onProgress: (message: string) => void,
): Promise<ChosenDatabase> {
  const { startEmbeddedPostgres } = await import('@latchkey/embedded-postgres')
  const folder = `${dataDir}/postgres`
  const start = () => startEmbeddedPostgres({ dataDir: folder, onProgress })
  const first = await start()
  const uses = [first]
  return {
    url: first.url,
    shown: `embedded PostgreSQL in ${nearby(folder)}`,
    watch: (core) =>
      regularly(async () => {
        if ((await readiness(core))?.part !== 'database') return
        core.log.warn({}, 'the embedded PostgreSQL is gone: starting it again')
        uses.push(await start())
      }, core),
    async stop() {
      for (const use of uses) await use.stop()
    },
  }
}

/** Does `work` again and again. Call what it returns to stop; it waits for what runs. */
function regularly(work: () => Promise<void>, { log }: Core): () => Promise<void> {
  const stopped = new AbortController()
  const rounds = (async () => {
    for (;;) {
      await delay(WATCH_MS, undefined, { signal: stopped.signal, ref: false })
      await work().catch((error: unknown) =>
        log.error({ err: error }, 'the embedded PostgreSQL cannot be started again'),
      )
    }
  })().catch(() => {}) // It ends only by the signal.
  return async () => {
    stopped.abort()
    await rounds
  }
}

const nearby = (folder: string): string => {
  const way = relative(process.cwd(), folder)
  return way.startsWith('..') ? folder : way
}
