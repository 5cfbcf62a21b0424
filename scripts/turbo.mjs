import { capture } from './command.mjs'
import { toolEnvironment } from './environment.mjs'
import { findNode } from './node.mjs'

/**
 * Runs turbo, which runs a script in each package that has it, in order, and skips where nothing has changed.
 *
 * @param {string[]} args
 * @param {string} pnpm the folder of pnpm, by which turbo runs the scripts
 * @returns {Promise<import('./command.mjs').Result>}
 */
export function turbo(args, pnpm) {
  return capture(findNode(), ['node_modules/turbo/bin/turbo', ...args, '--output-logs=errors-only'], {
    env: toolEnvironment([pnpm]),
  })
}
