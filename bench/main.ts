import { mkdirSync, writeFileSync } from 'node:fs'
import { memoryOf, memoryPeakOf } from './cpu.ts'
import { crowd } from './crowd.ts'
import { type Database, databaseOf, startDatabase } from './database.ts'
import { judge } from './judge.ts'
import { measure, type Running, seed } from './measure.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { type Once, page, type Report, tables } from './report.ts'
import { createResults } from './results.ts'
import { startServer, startTime } from './server.ts'
import { type System, SYSTEMS, type SystemName } from './systems.ts'

const CHECKOUT = new URL('../', import.meta.url)

async function bench(args: string[]): Promise<number> {
  const options = readOptions(args)
  const database = await startDatabase()
  if (options.crowd) {
    try {
      console.log(await crowd(database))
      return 0
    } finally {
      await database.stop()
    }
  }
  const running: Running[] = []
  const stop = async () => {
    await Promise.all(running.map(({ server }) => server.stop()))
    await database.stop()
  }
  // Nothing is left behind by who loses patience.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(130)))
  try {
    const once = new Map<SystemName, Once>()
    for (const name of options.systems) {
      const began = await begin(name, SYSTEMS[name], database, options)
      running.push(began.running)
      once.set(name, began.once)
    }
    const results = createResults()
    for (let round = 1; round <= options.rounds; round++) {
      for (const operation of options.operations) {
        for (const each of running) {
          console.error(`round ${round} of ${options.rounds}: ${operation}, ${each.name}`)
          const sample = await measure(each, operation, { database, options })
          const name = options.systems.find((one) => one === each.name)
          if (sample !== undefined && name !== undefined) results.add(name, operation, sample)
        }
      }
    }
    for (const { name, server } of running) {
      const known = options.systems.find((one) => one === name)
      const figures = known === undefined ? undefined : once.get(known)
      if (figures !== undefined) figures.peakMiB = memoryPeakOf(server.pid)
    }
    const command = args.filter((arg) => arg !== '--write').join(' ')
    return conclude({ options, results, once, version: database.version, command })
  } finally {
    await stop()
  }
}

/** Starts a system three times: once to fill its database, once to see how long that takes, and once to be measured. */
async function begin(name: SystemName, system: System, database: Database, options: Options) {
  console.error(`starting ${name}`)
  const url = await database.create(databaseOf(name))
  const first = await startServer(name, system, url)
  const users = await seed(system, first, options.users, options.connections)
  await first.stop()
  const startMs = await startTime(name, system, url)
  const server = await startServer(name, system, url)
  return { running: { name, system, server, users }, once: { startMs, idleMiB: memoryOf(server.pid), peakMiB: 0 } }
}

function conclude(report: Report): number {
  const { options, results } = report
  console.log(tables(report))
  const checks = judge(results, options.systems, options.operations)
  for (const { what, holds, found } of checks) console.log(`${holds ? 'ok    ' : 'FAILED'} ${what}: ${found}`)
  const failed = checks.filter(({ holds }) => !holds).length
  if (options.quick) {
    mkdirSync(new URL('reports/', CHECKOUT), { recursive: true })
    const counts = { passed: checks.length - failed, failed }
    writeFileSync(new URL('reports/bench.json', CHECKOUT), JSON.stringify(counts))
  }
  if (options.write) writeFileSync(new URL('docs/benchmarks.md', CHECKOUT), page(report))
  return failed === 0 ? 0 : 1
}

const args = process.argv.slice(2)
if (args.includes('--help')) console.log(USAGE)
else process.exitCode = await bench(args)
