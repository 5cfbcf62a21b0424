import { become } from './command.mjs'
import { serverEnvironment } from './environment.mjs'
import { findNode } from './node.mjs'
import { build } from './prepare.mjs'

/** Young objects may take 4 MB twice, not 64: a third less memory in use, at no cost that could be measured. */
const FLAGS = ['--max-semi-space-size=4']

/**
 * Installs and builds what is not yet, then serves.
 *
 * @param {string[]} args for the server
 */
export async function start(args) {
  await build()
  return become(findNode(), [...FLAGS, 'apps/server/dist/main.js', ...args], { env: serverEnvironment() })
}
