import { constants } from 'node:os'
import type { Logger } from 'pino'

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** Within this time a second signal is the first one again: a terminal tells the whole group, and parents pass it on. */
const SAME_MS = 300

/**
 * Aborts when the process is to stop: at the first signal, at an exception that nobody caught, or when the process that it is a
 * worker of is gone. A second signal ends the process at once.
 *
 * After an uncaught exception nobody knows what was left half done, so the process ends, with exit code 1, and its
 * supervisor starts a new one; but in order, because the other requests that run are not to blame. A rejection that
 * nobody awaited leaves nothing half done that somebody relies on: were it to end the process, any request that causes
 * one could put out the server.
 */
export function stopSignal(log: Logger): AbortSignal {
  const stop = new AbortController()
  let first = 0
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (stop.signal.aborted && performance.now() - first > SAME_MS) process.exit(128 + constants.signals[name])
      if (stop.signal.aborted) return
      first = performance.now()
      stop.abort(name)
    })
  }
  // Of a worker: whoever looked after it is gone, and nobody else would ever tell it to stop.
  process.on('disconnect', () => stop.abort('disconnect'))
  // Before anybody listened, that was told to nobody.
  if (process.send !== undefined && !process.connected) stop.abort('disconnect')
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception: the process ends')
    process.exitCode = 1
    stop.abort('uncaughtException')
  })
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'unhandled rejection'))
  return stop.signal
}
