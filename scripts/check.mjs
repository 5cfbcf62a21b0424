import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capture } from './command.mjs'
import { toolEnvironment } from './environment.mjs'
import { checkGenerated, generate } from './generate.mjs'
import { findNode } from './node.mjs'
import { fetchPnpm } from './pnpm.mjs'
import { install } from './prepare.mjs'
import { turbo } from './turbo.mjs'
import { REPORTS } from './workspace.mjs'

/** @typedef {import('./command.mjs').Result} Result */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<Result>} run
 * @property {() => Promise<unknown>} [fix] puts right what it can; what it cannot, `run` reports
 */

const BIOME = '@biomejs/biome/bin/biome'
const OXLINT = 'oxlint/bin/oxlint'

/** @type {Step[]} */
const STEPS = [
  { name: 'format', run: () => tool(BIOME, 'format'), fix: () => tool(BIOME, 'format', '--write') },
  // The direction of imports is one of its rules.
  { name: 'lint', run: () => tool(OXLINT, '--type-aware'), fix: () => tool(OXLINT, '--type-aware', '--fix') },
  { name: 'types', run: types },
  { name: 'unused', run: () => tool('knip/bin/knip.js') },
  { name: 'generated', run: checkGenerated, fix: generate },
]

/**
 * Everything that can be said of the code without running it. Every step runs, whatever the others say.
 *
 * @param {string[]} args `--fix` formats and puts right first what can be
 * @returns {Promise<number>} the exit code
 */
export async function check(args) {
  await install()
  const failed = []
  for (const step of STEPS) {
    if (args.includes('--fix')) await step.fix?.()
    if (!(await passes(step))) failed.push(step.name)
  }
  mkdirSync(REPORTS, { recursive: true })
  const counts = { passed: STEPS.length - failed.length, failed: failed.length }
  writeFileSync(join(REPORTS, 'check.json'), JSON.stringify(counts))
  if (failed.length === 0) return 0
  console.log(`Failed: ${failed.join(', ')}. Some of it \`npm run check -- --fix\` may put right.`)
  return 1
}

/**
 * Shows a step's result on one line, and what it printed if it failed.
 *
 * @param {Step} step
 */
async function passes({ name, run }) {
  const began = Date.now()
  const { code, output } = await run()
  const seconds = ((Date.now() - began) / 1000).toFixed(1)
  console.log(`${name.padEnd(10)} ${(code === 0 ? 'ok' : 'failed').padEnd(6)} ${seconds.padStart(5)} s`)
  if (code !== 0) console.log(`\n${output.trim()}\n`)
  return code === 0
}

/** Of every package, then of these scripts and what configures the tools. */
async function types() {
  const ofPackages = await turbo(['run', 'types', '--continue'], await fetchPnpm('Checking types'))
  const ofScripts = await tool('typescript/bin/tsc', '--project', 'tsconfig.json')
  return { code: ofPackages.code || ofScripts.code, output: `${ofPackages.output}\n${ofScripts.output}` }
}

/**
 * @param {string} script below node_modules
 * @param {string[]} args
 */
function tool(script, ...args) {
  return capture(findNode(), [`node_modules/${script}`, ...args], { env: toolEnvironment() })
}
