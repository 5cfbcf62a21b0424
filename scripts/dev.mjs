import { become } from './command.mjs'
import { serverEnvironment } from './environment.mjs'
import { findNode } from './node.mjs'
import { install } from './prepare.mjs'

/**
 * Serves from the sources, and anew after each change of one of them. Nothing is built: Node leaves out the types.
 *
 * @param {string[]} args for the server
 */
export async function dev(args) {
  await install()
  const watch = ['--watch', '--watch-preserve-output', '--conditions=@latchkey/source', '--enable-source-maps']
  return become(findNode(), [...watch, 'apps/server/src/main.ts', ...args], { env: serverEnvironment() })
}
