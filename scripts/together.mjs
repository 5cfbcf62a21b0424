import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { onEnding } from './ending.mjs'
import { inForeground } from './process-table.mjs'
import { ROOT } from './workspace.mjs'

/**
 * Programs that stand in this one's place: same terminal, and every signal reaches each once. When one of them ends, the
 * others are ended as well.
 *
 * @typedef {object} Together
 * @property {(program: string, args: string[], env: NodeJS.ProcessEnv) => void} run starts one more
 * @property {() => boolean} isEnding whether one has ended, or a signal has come
 * @property {Promise<number>} ended the exit code of the first, once all have ended
 */

/** @returns {Together} */
export function runTogether() {
  /** @type {Set<import('node:child_process').ChildProcess>} */
  const running = new Set()
  /** @type {number | undefined} */
  let code
  let isEnding = false
  /** @type {(code: number) => void} */
  let resolve
  /** @type {Promise<number>} */
  const ended = new Promise((settle) => (resolve = settle))
  const settle = onEnding((signal) => {
    isEnding = true
    if (signal === 'SIGTERM' || !inForeground()) end(signal)
  })

  /** @param {NodeJS.Signals} signal */
  function end(signal) {
    for (const child of running) child.kill(signal)
  }

  return {
    ended,
    isEnding: () => isEnding,
    run(program, args, env) {
      const child = spawn(program, args, { cwd: ROOT, env, stdio: 'inherit' })
      running.add(child)
      child.once('exit', (exitCode, signal) => {
        running.delete(child)
        code ??= exitCode ?? 128 + (signal ? constants.signals[signal] : 0)
        // Once: each counts a second signal as a wish to end at once.
        if (!isEnding) end('SIGTERM')
        isEnding = true
        if (running.size > 0) return
        settle()
        resolve(code)
      })
    },
  }
}
