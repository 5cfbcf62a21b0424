import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { FAULTS, KILLS } from './faults/faults.ts'
import { readOptions, USAGE } from './options.ts'
import { tryPlants } from './planted/try-plants.ts'
import { type Outcome, run } from './run.ts'
import { INVARIANTS } from './verdict.ts'

const REPORTS = new URL('../reports/', import.meta.url)

/** As a shell tells of a program that was interrupted. */
const INTERRUPTED = 130

const args = process.argv.slice(2)
async function torture(): Promise<number> {
  const options = readOptions(args)
  const again = `npm run torture -- ${[...args.filter((arg, i) => !arg.startsWith('--seed') && args[i - 1] !== '--seed'), '--seed', options.seed].join(' ')}`
  console.log(`Seed ${options.seed}`)
  const began = performance.now()
  const outcome = await run(options, (line) => console.log(`${seconds(began)}  ${line}`))
  const missed = options.judgeTiming ? outcome.figures.missed() : []
  for (const line of outcome.figures.lines()) console.log(line)
  for (const { invariant, during, detail, history } of outcome.verdict.violations) {
    console.log(`\nBroken: ${invariant} (${INVARIANTS[invariant]})\n  ${detail}\n  during: ${during}`)
    for (const line of history) console.log(`    ${line}`)
  }
  for (const line of missed) console.log(`Missed: ${line}`)
  const isBroken = outcome.verdict.violations.length + missed.length > 0
  if (!isBroken && outcome.folder !== undefined) rmSync(outcome.folder, { recursive: true, force: true })
  if (isBroken) console.log(`\nThe servers' logs: ${outcome.folder ?? 'elsewhere'}\nAgain: ${again}`)
  if (outcome.wasInterrupted) {
    console.log(`Interrupted after ${outcome.done.length} faults.`)
    return INTERRUPTED
  }
  report(outcome, missed)
  console.log(isBroken ? 'Broken.' : `Nothing was broken: ${outcome.done.length} faults in ${seconds(began)}.`)
  return isBroken ? 1 : 0
}

/** For `.ci/run`: each kind of fault is a case, and so is each promise, and each figure that is to be judged. */
function report({ verdict, done }: Outcome, missed: string[]): void {
  const { violations } = verdict
  const kinds = new Set([...done, ...violations.map(({ during }) => during)])
  const cases = [
    ...[...kinds].map((name) => ({ name, passed: !violations.some(({ during }) => during === name) })),
    ...Object.entries(INVARIANTS).map(([name, promise]) => ({
      name: `${name}: ${promise}`,
      passed: !violations.some(({ invariant }) => invariant === name),
    })),
    ...missed.map((name) => ({ name, passed: false })),
  ]
  const passed = cases.filter((one) => one.passed).length
  mkdirSync(REPORTS, { recursive: true })
  writeFileSync(new URL('torture.json', REPORTS), JSON.stringify({ passed, failed: cases.length - passed, cases }))
}

function plant(): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { planted: { type: 'boolean' }, seed: { type: 'string', default: '1' }, only: { type: 'string' } },
  })
  return tryPlants({ only: values.only, seed: Number(values.seed) }, (line) => console.log(line))
}

function list(): void {
  for (const { what } of KILLS) console.log(`${'(kills)'.padEnd(20)}${what}`)
  for (const [name, { what }] of Object.entries(FAULTS)) console.log(`${name.padEnd(20)}${what}`)
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

if (args.includes('--help')) console.log(USAGE)
else if (args.includes('--list')) list()
else if (args.includes('--planted')) process.exitCode = await plant()
else process.exitCode = await torture()
