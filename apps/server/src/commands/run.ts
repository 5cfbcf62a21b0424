import { CommanderError } from 'commander'
import { EXIT } from './exit.ts'
import { explain } from './failure.ts'
import { note } from './output.ts'
import { createProgram } from './program.ts'

/**
 * Runs one command line.
 *
 * @returns the exit code; undefined for done, where the command may have set another one by `process.exitCode`
 */
export async function run(args: string[]): Promise<number | undefined> {
  // Whoever reads has gone, as `head` does once it has its lines: nothing to cry about.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  try {
    await createProgram().parseAsync(args.length === 0 ? ['serve'] : args, { from: 'user' })
    return undefined
  } catch (error) {
    // It has said already what is wrong; whoever asked for help has got it.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    const { exitCode, message } = await explain(error)
    if (message !== '') note(message)
    return exitCode
  }
}
