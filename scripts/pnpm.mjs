import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { capture, insist } from './command.mjs'
import { installEnvironment } from './environment.mjs'
import { ROOT } from './workspace.mjs'

/** npm's own retries begin after 10 s, which looks like a hang to somebody without a network. */
const PATIENCE = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000']

/**
 * Fetches pnpm in the version that package.json names into npm's cache, unless it is there already.
 *
 * @param {string} step what to call it if it fails
 * @returns {Promise<string>} the folder of its program, to be put into PATH
 */
export async function fetchPnpm(step) {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const whichPnpm = `node -p "process.env.PATH ?? process.env.Path"`
  const [program, before] = npm()
  const args = [...before, 'exec', '--yes', ...PATIENCE, `--package=${packageManager}`, '--call', whichPnpm]
  // Not here: npm would read through pnpm's node_modules to see whether pnpm is in it.
  const found = await capture(program, args, {
    env: installEnvironment(),
    cwd: tmpdir(),
    shell: program.endsWith('.cmd'),
  })
  const path = insist(step, found)
  return (path.trim().split('\n').at(-1) ?? '').split(process.platform === 'win32' ? ';' : ':')[0] ?? ''
}

/** @returns {[program: string, args: string[]]} how to run npm */
function npm() {
  // npm tells its scripts where it is; as a script it runs without a shell, on Windows too.
  const script =
    process.env['npm_execpath'] ?? join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js')
  if (/npm-cli\.c?js$/.test(script) && existsSync(script)) return [process.execPath, [script]]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', []]
}
