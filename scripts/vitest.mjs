import { become } from './command.mjs'
import { toolEnvironment } from './environment.mjs'
import { findNode } from './node.mjs'
import { build } from './prepare.mjs'

/**
 * Installs and builds what is not yet, then runs vitest.
 *
 * @param {string[]} args
 */
export async function vitest(args) {
  await build()
  return become(findNode(), ['node_modules/vitest/vitest.mjs', ...args], { env: toolEnvironment() })
}
