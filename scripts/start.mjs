import { become } from './command.mjs'
import { serverEnvironment } from './environment.mjs'
import { findNode } from './node.mjs'
import { build } from './prepare.mjs'

/**
 * Installs and builds what is not yet, then serves.
 *
 * @param {string[]} args for the server
 */
export async function start(args) {
  await build()
  return become(findNode(), ['apps/server/dist/main.js', ...args], { env: serverEnvironment() })
}
