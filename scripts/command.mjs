import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { onEnding } from './ending.mjs'
import { explain } from './explain.mjs'
import { Failure } from './failure.mjs'
import { inForeground } from './process-table.mjs'
import { ROOT } from './workspace.mjs'

const WINDOWS = process.platform === 'win32'
const TAIL_LINES = 25
const KEPT_CHARACTERS = 64 * 1024

/**
 * @typedef {object} Options
 * @property {NodeJS.ProcessEnv} env
 * @property {string} [cwd] the clone's folder if not given
 * @property {boolean} [shell] `program` is a line for the shell
 */

/** @typedef {{ code: number, output: string }} Result */

/**
 * Runs a program out of sight and gives back what it printed, or no more than the end of it.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {Options} options
 * @returns {Promise<Result>}
 */
export function capture(program, args, { env, cwd = ROOT, shell = false }) {
  return new Promise((resolve, reject) => {
    // A group of its own, so that an interrupted install ends with all that it has started.
    const child = spawn(program, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'], detached: !WINDOWS })
    let output = ''
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-KEPT_CHARACTERS)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    /** @type {NodeJS.Signals | undefined} */
    let interrupted
    const settle = onEnding((signal) => {
      interrupted = signal
      if (child.pid) process.kill(WINDOWS ? child.pid : -child.pid, 'SIGTERM')
    })
    child.once('error', (error) => {
      settle()
      reject(new Failure(`Cannot run ${program}: ${error.message}`, 127))
    })
    child.once('close', (code, signal) => {
      settle()
      if (interrupted) reject(new Failure('Interrupted.', exitCode(null, interrupted)))
      else resolve({ code: exitCode(code, signal), output })
    })
  })
}

/**
 * For a step that had to succeed: its failure names the step and shows why.
 *
 * @param {string} step what it was to do, as `Installing packages`
 * @param {Result} result
 * @returns {string} what it printed
 */
export function insist(step, { code, output }) {
  if (code === 0) return output
  const tail = output.trim().split('\n').slice(-TAIL_LINES).join('\n')
  throw new Failure([`${step} failed (exit code ${code}).`, explain(output), tail].filter(Boolean).join('\n\n'), code)
}

/**
 * Puts a program in this one's place, as far as Node 20 can: same terminal, its exit code, and every signal reaches it
 * once.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {Options} options
 * @returns {Promise<number>} its exit code
 */
export function become(program, args, { env, cwd = ROOT }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: 'inherit' })
    const settle = onEnding((signal) => {
      if (signal === 'SIGTERM' || !inForeground()) child.kill(signal)
    })
    child.once('error', (error) => {
      settle()
      reject(new Failure(`Cannot run ${program}: ${error.message}`, 127))
    })
    child.once('exit', (code, signal) => {
      settle()
      resolve(exitCode(code, signal))
    })
  })
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 * @returns {number} as a shell counts
 */
function exitCode(code, signal) {
  return code ?? 128 + (signal ? constants.signals[signal] : 0)
}
