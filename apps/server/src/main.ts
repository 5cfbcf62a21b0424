import { run } from './commands/run.ts'

process.title = 'latchkey'
process.exit(await run(process.argv.slice(2)))
