import { Command } from 'commander'
import { readVersion } from '../version.ts'
import { registerServe } from './serve.ts'

/**
 * The command line, whole: what runs it, its `--help`, the completions and docs/cli.md are all drawn from it.
 *
 * Each file beside this one registers a group: `registerConfig(program)`. It imports no more than `define.ts` and its
 * like; what a command needs is loaded by {@link withCore} when it runs, so that `--help` is there at once.
 */
export function createProgram(): Command {
  const program = new Command('latchkey')
    .description('Latchkey, a self-hosted auth server. Without a command it serves.')
    .version(readVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('after', AFTER)
  program.commandsGroup('Server:')
  registerServe(program)
  return program
}

const AFTER = `
What is configured by the environment: docs/configuration.md. A command reads the same variables as the server, and
works on the same database, whether the server runs or not.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused.`
