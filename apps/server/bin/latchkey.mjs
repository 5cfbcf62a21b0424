#!/usr/bin/env node
/**
 * The command. Plain JavaScript for Node 18 and later: it runs the server's own code where this Node is new enough, and
 * else under the Node that came with the packages.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** What the libraries need. */
const OLDEST = { major: 22, minor: 17 }

const SERVER = dirname(dirname(fileURLToPath(import.meta.url)))
const CHECKOUT = dirname(dirname(SERVER))
const MAIN = join(SERVER, 'dist', 'main.js')

if (!existsSync(MAIN)) {
  process.stderr.write(`Latchkey is not built yet. Run this first, in ${CHECKOUT}:\n\n  npm run build\n`)
  process.exit(1)
}
if (isNewEnough()) await import(pathToFileURL(MAIN).href)
else runUnder(nodeOfCheckout())

function isNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)
}

/** @returns {string} its path */
function nodeOfCheckout() {
  const windows = process.platform === 'win32'
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`
  const path = join(CHECKOUT, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node')
  if (existsSync(path)) return path
  process.stderr.write(
    `Latchkey needs Node ${OLDEST.major}.${OLDEST.minor} or later. This is Node ${process.versions.node}. ` +
      'Install Node 24, or run `npm run build`, which brings one along where there is one for this machine.\n',
  )
  return process.exit(1)
}

/**
 * Puts another Node in this one's place, as far as Node can: same terminal, every signal, its exit code.
 *
 * @param {string} node
 */
function runUnder(node) {
  const child = spawn(node, [MAIN, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])) {
    // A terminal has told the whole group already, and a signal twice at once counts as one there.
    process.on(signal, () => child.kill(signal))
  }
  child.once('error', (error) => {
    process.stderr.write(`Cannot run ${node}: ${error.message}\n`)
    process.exit(1)
  })
  child.once('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)))
}
