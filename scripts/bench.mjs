import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { become, capture, insist } from './command.mjs'
import { serverEnvironment, toolEnvironment } from './environment.mjs'
import { findNode } from './node.mjs'
import { build } from './prepare.mjs'
import { progress } from './progress.mjs'
import { ROOT } from './workspace.mjs'

const FOLDER = join(ROOT, 'bench', 'others')

/**
 * Measures the built server beside others. What only these need is installed in the folder of the bench, when they are asked for.
 *
 * @param {string[]} args for `bench/main.ts`
 */
export async function bench(args) {
  await build()
  if (needsOthers(args) && !existsSync(join(FOLDER, 'node_modules'))) {
    await progress('Installing what the bench compares with', async () => {
      const npm = { env: toolEnvironment(), cwd: FOLDER, shell: process.platform === 'win32' }
      insist('Installing what the bench compares with', await capture('npm', ['ci', '--no-fund', '--no-audit'], npm))
    })
  }
  return become(findNode(), ['--conditions=@latchkey/source', 'bench/main.ts', ...args], { env: serverEnvironment() })
}

/** @param {string[]} args */
function needsOthers(args) {
  const isOwn = args.includes('--quick') || args.includes('--crowd') || args.includes('--help')
  const systems = args[args.indexOf('--systems') + 1]
  return args.includes('--systems') ? /express|better-auth/.test(systems ?? '') : !isOwn
}
