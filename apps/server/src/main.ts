import { givenVariables } from './environment/given.ts'
import { createLog } from './log.ts'
import { readVersion } from './version.ts'

const USAGE = `Usage: latchkey [serve]

  serve      serve until told to stop; what is to be configured comes from the environment (docs/configuration.md)

  --version  print the version
  --help     print this
`

process.title = 'latchkey'
process.exit(await run(process.argv.slice(2)))

/** @returns the exit code; what was caught by nobody may have set another one */
async function run([command = 'serve', ...rest]: string[]): Promise<number | undefined> {
  if (command === '--help' || command === '-h') return print(USAGE)
  if (command === '--version' || command === '-v') return print(`${readVersion()}\n`)
  if (command === 'serve' && rest.length === 0) return await start()
  process.stderr.write(`Latchkey does not know ${JSON.stringify([command, ...rest].join(' '))}.\n\n${USAGE}`)
  return 2
}

async function start(): Promise<number | undefined> {
  const version = readVersion()
  // What is read before the environment is checked: how to tell what is wrong with it.
  const { NODE_ENV, LATCHKEY_LOG_LEVEL } = givenVariables(process.env)
  const production = NODE_ENV === 'production'
  const format = production ? 'json' : 'people'
  try {
    const [{ readEnvironment }, { serve }] = await Promise.all([import('./environment.ts'), import('./serve.ts')])
    const environment = readEnvironment(process.env)
    await serve({ environment, log: createLog({ level: environment.logLevel, version, format }), version })
    return undefined
  } catch (error) {
    // What is to be done is in the message. The stack is for us: who asks for it gets it along.
    const message = error instanceof Error ? error.message : String(error)
    if (LATCHKEY_LOG_LEVEL === 'debug' || production) {
      const details = LATCHKEY_LOG_LEVEL === 'debug' ? { err: error } : {}
      createLog({ level: 'info', version, format }).fatal(details, message)
    } else {
      process.stderr.write(`${message}\n`)
    }
    return 1
  }
}

function print(text: string): 0 {
  process.stdout.write(text)
  return 0
}
