import { relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Core, Log } from '@latchkey/core'
import type { ChosenDatabase } from './database.ts'

/** Milliseconds between two looks at whether it still runs. */
const WATCH_MS = 2000

/** What {@link startOwnDatabase} gives. */
export interface OwnDatabase extends ChosenDatabase {
  /** One look of `watch`: starts it again if nobody listens there any more. @throws EmbeddedPostgresError */
  restartIfGone(log: Log): Promise<void>
}

/**
 * A PostgreSQL of our own, below the data folder. Nobody else looks after it: should it be killed, it is started again,
 * and until then calls get a 503 as they do whenever a database is gone.
 *
 * @throws EmbeddedPostgresError
 */
export async function startOwnDatabase(dataDir: string, onProgress: (message: string) => void): Promise<OwnDatabase> {
  const { startEmbeddedPostgres } = await import('@latchkey/embedded-postgres')
  const folder = `${dataDir}/postgres`
  const start = () => startEmbeddedPostgres({ dataDir: folder, onProgress })
  let use = await start()
  const { url } = use
  const restartIfGone = async (log: Log) => {
    if (!(await use.isGone())) return
    log.warn({}, 'the embedded PostgreSQL is gone: starting it again')
    const previous = use
    use = await start()
    // Ends that use only: the server is kept by the new one.
    await previous.stop()
    log.warn({}, 'the embedded PostgreSQL runs again')
    // Where there can be no socket beside the data, on Windows say, each start finds another place.
    if (use.url !== url) log.error({}, 'the embedded PostgreSQL listens elsewhere now: start Latchkey again')
  }
  return {
    url,
    shown: `embedded PostgreSQL in ${nearby(use.folder)}`,
    watch: (core) => regularly(() => restartIfGone(core.log), core),
    restartIfGone,
    stop: () => use.stop(),
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
