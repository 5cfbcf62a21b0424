import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './workspace.mjs'

/** What every run has besides: counts of the parts that are no tests. */
const COUNTED = { 'bench.json': { passed: 10, failed: 0 }, 'torture.json': { passed: 20, failed: 0 } }
const passed = (/** @type {number} */ count) => tests({ numPassedTests: count, success: true })

test('adds up tests and checks', () => {
  const reports = { 'test.json': passed(40), ...COUNTED, 'check.json': { passed: 5, failed: 0 }, 'e2e.json': passed(3) }
  expect(sumUp(reports)).toEqual({ line: '78 passed, 0 failed', code: 0 })
})

test('counts what failed', () => {
  const failing = tests({ numPassedTests: 38, numFailedTests: 2 })
  const reports = { 'test.json': failing, ...COUNTED, 'check.json': { passed: 4, failed: 1 }, 'e2e.json': passed(3) }
  expect(sumUp(reports)).toEqual({ line: '75 passed, 3 failed', code: 1 })
})

test('counts a part that made no report as a failure', () => {
  expect(sumUp({ 'test.json': passed(40), ...COUNTED, 'check.json': { passed: 5, failed: 0 } })).toMatchObject({
    line: '75 passed, 1 failed',
  })
  expect(sumUp({})).toEqual({ line: '0 passed, 5 failed', code: 1 })
})

test('counts a file that could not be loaded, though none of its tests failed', () => {
  const broken = tests({ numPassedTests: 40, testResults: [{ status: 'failed', assertionResults: [] }] })
  const reports = { 'test.json': broken, ...COUNTED, 'check.json': { passed: 5, failed: 0 }, 'e2e.json': passed(3) }
  expect(sumUp(reports)).toEqual({ line: '78 passed, 1 failed', code: 1 })
})

test('counts a run without a test, and one that failed for another reason', () => {
  const reports = {
    'test.json': passed(0),
    ...COUNTED,
    'check.json': { passed: 5, failed: 0 },
    'e2e.json': tests({ numPassedTests: 3 }),
  }
  expect(sumUp(reports)).toEqual({ line: '38 passed, 2 failed', code: 1 })
})

test('counts a failure that no report knows of', () => {
  const reports = { 'test.json': passed(40), ...COUNTED, 'check.json': { passed: 5, failed: 0 }, 'e2e.json': passed(3) }
  expect(sumUp(reports, 1)).toEqual({ line: '78 passed, 1 failed', code: 1 })
})

/**
 * What vitest reports, as far as it is read.
 *
 * @param {{ numPassedTests: number, numFailedTests?: number, success?: boolean, testResults?: object[] }} report
 */
function tests(report) {
  return { numFailedTests: 0, success: false, testResults: [], ...report }
}

/**
 * @param {Record<string, object>} reports
 * @param {number} [unreported]
 */
function sumUp(reports, unreported = 0) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-reports-'))
  for (const [name, report] of Object.entries(reports)) writeFileSync(join(folder, name), JSON.stringify(report))
  const script = join(ROOT, 'scripts', 'sum-up.mjs')
  const { stdout, status } = spawnSync(process.execPath, [script, folder, `${unreported}`], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  return { line: stdout.trim(), code: status }
}
