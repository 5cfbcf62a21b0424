import { cpus, release, totalmem } from 'node:os'
import { OPERATIONS, type Operation } from './operations.ts'
import type { Options } from './options.ts'
import { median, ratio, type Results, totalCpu } from './results.ts'
import { SYSTEMS, type SystemName } from './systems.ts'

/** What was measured once for each system. */
export interface Once {
  /** Milliseconds from the start of the process to its first ready answer, on a database that is there. */
  startMs: number
  idleMiB: number
  peakMiB: number
}

/** Everything that the page shows. */
export interface Report {
  options: Options
  results: Results
  once: Map<SystemName, Once>
  /** Of PostgreSQL. */
  version: string
  /** What was typed after `npm run bench --`. */
  command: string
}

/** The tables, in Markdown; they are readable at a terminal, too. */
export function tables({ options, results, once }: Report): string {
  const parts = options.operations.map((operation) => tableOf(operation, options, results))
  const rows = [...once].map(
    ([name, { startMs, idleMiB, peakMiB }]) =>
      `| ${name} | ${startMs.toFixed(0)} | ${idleMiB.toFixed(0)} | ${peakMiB.toFixed(0)} |`,
  )
  const header = ['| | ready after, ms | idle, MiB | peak, MiB |', '| --- | --- | --- | --- |']
  return [...parts, '### Start and memory', '', ...header, ...rows, ''].join('\n')
}

function tableOf(operation: Operation, { systems }: Options, results: Results): string {
  const bare = results.of('bare', operation)
  const rows = systems.flatMap((name) => {
    const samples = results.of(name, operation)
    if (samples.length === 0) return [`| ${name} | – | | | | | | |`]
    const middle = (of: (sample: (typeof samples)[number]) => number) => median(samples.map(of))
    const cpu = `${middle((sample) => sample.serverCpuMs).toFixed(3)} + ${middle((sample) => sample.databaseCpuMs).toFixed(3)}`
    const cells = [
      name,
      spread(ratio(samples.map(totalCpu), bare.map(totalCpu))),
      cpu,
      spread(
        ratio(
          samples.map(({ requestsPerSecond: each }) => each),
          bare.map(({ requestsPerSecond: each }) => each),
        ),
      ),
      middle((sample) => sample.requestsPerSecond).toFixed(0),
      `${middle((sample) => sample.p50).toFixed(1)} / ${middle((sample) => sample.p99).toFixed(1)}`,
      middle((sample) => sample.walBytes).toFixed(0),
      middle((sample) => sample.statements).toFixed(2),
    ]
    return [`| ${cells.join(' | ')} |`]
  })
  return [
    `### ${TITLES[operation]}`,
    '',
    '| | CPU against bare | CPU, ms (server + database) | requests/s against bare | requests/s | p50 / p99, ms | WAL, bytes | statements |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

const spread = ({ median: middle, least, most }: ReturnType<typeof ratio>): string =>
  Number.isNaN(middle) ? '–' : `**${middle.toFixed(2)}** (${least.toFixed(2)}–${most.toFixed(2)})`

const TITLES: Record<Operation, string> = {
  register: 'Register',
  login: 'Log in',
  refresh: 'Refresh',
  me: 'Read me',
  put: 'Update me',
}

/** The whole page. */
export function page(report: Report): string {
  const { options, version, command } = report
  const [processor] = cpus()
  const systems = options.systems.map((name) => `- **${name}**: ${SYSTEMS[name].what}`)
  return `# Benchmarks

Written by \`npm run bench\`; not by hand. What counts are the ratios: they were taken in one run, on one machine, on one PostgreSQL.

\`\`\`sh
npm run bench -- ${command}
\`\`\`

| | |
| --- | --- |
| date | ${new Date().toISOString().slice(0, 10)} |
| machine | ${cpus().length} cores (${processor?.model.trim() ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()} |
| versions | Node ${process.versions.node}, PostgreSQL ${version} (the embedded one, durable settings) |
| load | ${options.users} users, ${options.connections} connections, closed loop; ${options.rounds} rounds of ${options.seconds} s for each operation |

${systems.join('\n')}

All hash with argon2id (19 MiB, 2 passes, 1 lane) and have a pool of 10 connections. Each has a database of its own on the same PostgreSQL. In every
round each operation of each system is measured once, one after the other, so that what else the machine does hits all alike.
Figures are medians of the rounds; in brackets the least and the most of a ratio within one round. CPU is user and system time of the
server with all its threads, and of the whole PostgreSQL, for one request: what the work costs, however fast it goes. Every
answer is checked; a wrong one fails the run.

${tables(report)}
## What this does not show

- Clients and server share the machine, so requests/s say less than CPU.
- ${OPERATIONS.length} calls under full load. A live user comes every 20 to 30 s; at such a rate batches are small, and a refresh costs about what it does alone.
- The bare server trusts what it is sent, writes no log and keeps no history: it is a yardstick. The other two do less than Latchkey at a
  refresh or a change (no replay detection, no audit), or it is not comparable, and then the cell is empty.
`
}
