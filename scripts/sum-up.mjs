/**
 * The last line of `.ci/run`: what passed and what failed, counted from the reports of what really ran.
 *
 * usage: node scripts/sum-up.mjs <folder of the reports> <failures that no report knows of>
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [reports = '', unreported] = process.argv.slice(2)

/** @typedef {{ passed: number, failed: number }} Counts */

/** @type {Counts[]} */
const counts = [
  ofTests('test.json'),
  ofCounts('check.json'),
  ofTests('e2e.json'),
  ofCounts('bench.json'),
  ofCounts('torture.json'),
  { passed: 0, failed: Number(unreported) },
]
const allPassed = counts.reduce((sum, { passed }) => sum + passed, 0)
const allFailed = counts.reduce((sum, { failed }) => sum + failed, 0)
console.log(`${allPassed} passed, ${allFailed} failed`)
process.exitCode = allFailed === 0 && allPassed > 0 ? 0 : 1

/**
 * @param {string} name
 * @returns {Counts}
 */
function ofTests(name) {
  const report = read(name)
  if (!report) return { passed: 0, failed: 1 }
  // A file that cannot even be loaded has no tests that could fail.
  const broken = report.testResults.filter(
    (/** @type {{ status: string, assertionResults: { status: string }[] }} */ file) =>
      file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  )
  const failed = report.numFailedTests + broken.length
  // Without a single test something is wrong, whatever vitest makes of it; so it is if it fails for another reason.
  const unexplained = failed === 0 && (!report.success || report.numPassedTests === 0)
  return { passed: report.numPassedTests, failed: unexplained ? 1 : failed }
}

/**
 * @param {string} name
 * @returns {Counts}
 */
function ofCounts(name) {
  return read(name) ?? { passed: 0, failed: 1 }
}

/** @param {string} name */
function read(name) {
  const file = join(reports, name)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
