import { run } from './commands/run.ts'

process.title = 'latchkey'
// What it returns goes before what somebody has set: given undefined, `exit` would forget that.
const exitCode = await run(process.argv.slice(2))
process.exit(exitCode ?? process.exitCode)
