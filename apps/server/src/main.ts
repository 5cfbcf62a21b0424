import { run } from './commands/run.ts'
import { sizeThreadPool } from './thread-pool.ts'

process.title = 'latchkey'
sizeThreadPool(process.env)
const exitCode = await run(process.argv.slice(2))
// To a pipe it writes later, and what was not written at the exit would be lost.
for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write('', resolve))
// Given undefined, it would forget a code that was set before.
process.exit(exitCode ?? process.exitCode)
