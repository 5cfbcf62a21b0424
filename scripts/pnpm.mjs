import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { capture, insist } from './command.mjs'
import { installEnvironment } from './environment.mjs'
import { ROOT } from './workspace.mjs'

/** Of npm and of pnpm. Their own begin after 10 s, which looks like a hang to somebody without a network. */
const RETRIES = { 'fetch-retries': 2, 'fetch-retry-mintimeout': 1000, 'fetch-retry-maxtimeout': 5000 }

/** What pnpm is to do, asking nobody. */
export const PNPM_INSTALL = [
  'install',
  '--frozen-lockfile',
  '--prefer-offline',
  '--prod=false',
  // The lockfile holds the hash of every package and is trusted as the rest of the clone is. To look up when each was
  // published takes 600 requests: 4 s of 24 and, without a network, two minutes of retries.
  '--trust-lockfile',
  // A node_modules that another program made is made anew.
  '--config.confirm-modules-purge=false',
  '--reporter=append-only',
  ...retries('--config.'),
]

/**
 * Fetches pnpm in the version that package.json names into npm's cache, unless it is there already.
 *
 * @param {string} step what to call it if it fails
 * @returns {Promise<string>} the folder of its program, to be put into PATH
 */
export async function fetchPnpm(step) {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const [program, before] = npm()
  const call = `node -p "'PATH=' + (process.env.PATH ?? process.env.Path)"`
  const args = [...before, 'exec', '--yes', '--prefer-offline', ...retries('--'), `--package=${packageManager}`]
  // Not here: npm would read through pnpm's node_modules to see whether pnpm is in it.
  const options = { env: installEnvironment(), cwd: tmpdir(), shell: program.endsWith('.cmd') }
  const printed = insist(step, await capture(program, [...args, '--call', call], options))
  // Among notices that npm may print, the line that begins with PATH; in it, npm puts the package it has fetched first.
  return /^PATH=(.*)$/m.exec(printed)?.[1]?.split(delimiter)[0] ?? ''
}

/** @returns {[program: string, args: string[]]} how to run npm */
function npm() {
  // npm tells its scripts where it is; as a script it runs without a shell, on Windows too.
  const script =
    process.env['npm_execpath'] ?? join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js')
  if (/npm-cli\.c?js$/.test(script) && existsSync(script)) return [process.execPath, [script]]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', []]
}

/** @param {string} prefix of an option */
function retries(prefix) {
  return Object.entries(RETRIES).map(([name, value]) => `${prefix}${name}=${value}`)
}
