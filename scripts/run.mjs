/**
 * What `npm start`, `npm test` and the other root scripts run.
 *
 * Plain JavaScript without a dependency, for Node 18 and later: on a fresh clone nothing is installed yet, and the Node
 * that the libraries need is itself one of the packages.
 */
import { bench } from './bench.mjs'
import { check } from './check.mjs'
import { demo } from './demo.mjs'
import { dev } from './dev.mjs'
import { e2e } from './e2e.mjs'
import { generate } from './generate.mjs'
import { build } from './prepare.mjs'
import { Failure } from './failure.mjs'
import { start } from './start.mjs'
import { test } from './test.mjs'
import { torture } from './torture.mjs'

/** @type {Record<string, (args: string[]) => Promise<number | void>>} */
const COMMANDS = { start, demo, dev, build, test, check, e2e, generate, bench, torture }

const [name = '', ...args] = process.argv.slice(2)
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined

if (!command) {
  console.error(`Usage: node scripts/run.mjs ${Object.keys(COMMANDS).join('|')}`)
  process.exit(2)
}

try {
  process.exitCode = (await command(args)) ?? 0
} catch (error) {
  if (!(error instanceof Failure)) throw error
  console.error(`\n${error.message}`)
  process.exitCode = error.exitCode
}
