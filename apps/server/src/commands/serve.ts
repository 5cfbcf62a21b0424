import { hostname } from 'node:os'
import type { Command } from 'commander'
import { givenVariables } from '../environment/given.ts'
import { readVersion } from '../version.ts'
import { readWorker, shareOf } from '../workers/worker.ts'
import { command } from './define.ts'

/** `latchkey serve`. */
export function registerServe(program: Command): void {
  command(program, 'serve', {
    summary: 'serve until told to stop',
    details: 'What is to be configured comes from the environment (docs/configuration.md).',
    examples: ['latchkey serve', 'PORT=9000 DATABASE_URL=postgres://latchkey@db/latchkey latchkey serve'],
    json: false,
  }).action(serveUntilStopped)
}

/** Ends with exit code 1 when the start fails; what was caught by nobody may have set another one. */
async function serveUntilStopped(): Promise<void> {
  const version = readVersion()
  // What is read before the environment is checked: how to tell what is wrong with it.
  const { NODE_ENV, LATCHKEY_LOG_LEVEL } = givenVariables(process.env)
  const production = NODE_ENV === 'production'
  const format = production ? 'json' : 'people'
  const { createLog } = await import('../log.ts')
  try {
    const [{ readEnvironment }, { serve }] = await Promise.all([import('../environment.ts'), import('../serve.ts')])
    const environment = readEnvironment(process.env)
    const log = createLog({ level: environment.logLevel, version, format })
    const worker = readWorker(process.env)
    if (environment.workers > 1 && worker === undefined) {
      const { supervise } = await import('../workers/supervise.ts')
      await supervise({ environment, log })
    } else if (worker === undefined) await serve({ environment, log, version })
    else {
      const share = shareOf(environment, worker, hostname())
      await serve({ environment: share, log: log.child({ worker: worker.number }), version, worker })
    }
  } catch (error) {
    process.exitCode = 1
    // What is to be done is in the message. The stack is for us: who asks for it gets it along.
    const message = error instanceof Error ? error.message : String(error)
    if (LATCHKEY_LOG_LEVEL === 'debug' || production) {
      const details = LATCHKEY_LOG_LEVEL === 'debug' ? { err: error } : {}
      createLog({ level: 'info', version, format }).fatal(details, message)
    } else {
      process.stderr.write(`${message}\n`)
    }
  }
}
