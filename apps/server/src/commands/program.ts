import { Command } from 'commander'
import { readVersion } from '../version.ts'
import { registerAdmin } from './admin.ts'
import { registerAudit } from './audit.ts'
import { registerBackup } from './backup.ts'
import { registerCompletion } from './completion.ts'
import { registerConfig } from './config.ts'
import { registerDoctor } from './doctor.ts'
import { registerKeys } from './keys.ts'
import { registerMigrate } from './migrate.ts'
import { registerOpenapi } from './openapi.ts'
import { registerRestore } from './restore.ts'
import { registerServe } from './serve.ts'
import { registerSessions } from './sessions.ts'
import { registerToken } from './token.ts'
import { registerUser } from './user.ts'

/** What is registered under which heading, in the order of `--help`. */
const HEADINGS: Record<string, ((program: Command) => void)[]> = {
  'Server:': [registerServe, registerMigrate, registerBackup, registerRestore, registerDoctor],
  'Settings:': [registerConfig],
  'People:': [registerAdmin, registerUser, registerSessions],
  'To look into:': [registerAudit, registerKeys, registerToken],
  'For tools:': [registerOpenapi, registerCompletion],
}

/**
 * The command line, whole: what runs it, its `--help`, the completions and docs/cli.md are all drawn from it.
 *
 * Each file beside this one registers a group: `registerConfig(program)`. It imports no more than `define.ts` and its
 * like; what a command needs is loaded by `withCore` when it runs, so that `--help` is there at once.
 */
export function createProgram(): Command {
  const program = new Command('latchkey')
    .description('Latchkey, a self-hosted auth server. Without a command it serves.')
    .version(readVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureHelp({ subcommandTerm })
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('after', AFTER)
  for (const [heading, registers] of Object.entries(HEADINGS)) {
    program.commandsGroup(heading)
    for (const register of registers) register(program)
  }
  return program
}

/** Every command has options; in a list that says nothing. */
const subcommandTerm = (each: Command): string =>
  [each.name(), each.commands.length > 0 ? '…' : each.usage().replace('[options]', '').trim()].filter(Boolean).join(' ')

const AFTER = `
A command reads the same environment as the server (docs/configuration.md) and
works on the same database, whether the server runs or not.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused.`
