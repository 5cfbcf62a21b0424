import { parentOf } from './process-table.mjs'

const POLL_MILLISECONDS = 250

/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Calls back for every signal that asks this process to end.
 *
 * npm passes a signal on to the shell that it has started, not to what runs in that shell: the shell dies, or npm does,
 * and this process lives on with nobody to end it. So either of the two being gone counts as SIGTERM, unless a signal
 * has come already.
 *
 * @param {(signal: NodeJS.Signals) => void} callback
 * @returns {() => void} stops that
 */
export function onEnding(callback) {
  const shell = process.ppid
  const npm = parentOf(shell)
  const watch = setInterval(() => {
    if (process.ppid !== shell || parentOf(shell) !== npm) end('SIGTERM')
  }, POLL_MILLISECONDS)
  if (!process.env['npm_lifecycle_event']) clearInterval(watch)
  for (const signal of SIGNALS) process.on(signal, end)
  return () => {
    clearInterval(watch)
    for (const signal of SIGNALS) process.off(signal, end)
  }

  /** @param {NodeJS.Signals} signal */
  function end(signal) {
    clearInterval(watch)
    callback(signal)
  }
}
