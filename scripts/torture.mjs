import { become } from './command.mjs'
import { serverEnvironment } from './environment.mjs'
import { findNode } from './node.mjs'
import { build } from './prepare.mjs'

/**
 * Breaks a cluster of the built server while clients use it.
 *
 * @param {string[]} args for `torture/main.ts`
 */
export async function torture(args) {
  await build()
  return become(findNode(), ['--conditions=@latchkey/source', 'torture/main.ts', ...args], { env: serverEnvironment() })
}
