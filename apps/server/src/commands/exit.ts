/** The exit codes of every command. */
export const EXIT = {
  done: 0,
  /** It was tried and did not succeed: the database does not answer, say. */
  failed: 1,
  /** The command line is wrong; nothing was tried. */
  usage: 2,
  /** What it is about does not exist. */
  notFound: 3,
  /** A rule forbids it, or nobody said yes; nothing was changed. */
  refused: 4,
} as const

/** Why a command ends early. Its message says what is wrong and what to do, and is all that is shown. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** It was tried and did not succeed. */
export const failed = (message: string): CommandError => new CommandError(EXIT.failed, message)

/** The command line is wrong. */
export const misused = (message: string): CommandError => new CommandError(EXIT.usage, message)

/** What the command is about does not exist. */
export const notFound = (message: string): CommandError => new CommandError(EXIT.notFound, message)

/** A rule forbids it, or nobody said yes. */
export const refused = (message: string): CommandError => new CommandError(EXIT.refused, message)
