import type { FieldError, LatchkeyError, RevisionConflict } from '@latchkey/core'
import { serialiseError, withoutPasswords } from '../log/serialise-error.ts'
import { CommandError, EXIT } from './exit.ts'
import { shownText } from './output.ts'
import type { Domain } from './with-core.ts'

/** How a command that threw ends. */
export interface Failure {
  exitCode: number
  /** What is shown, on stderr; may be empty. */
  message: string
}

/** Errors whose message is for the operator and says what to do. */
const FOR_OPERATORS = new Set(['StartError', 'EmbeddedPostgresError', 'UnfitDatabaseError', 'WrongRootSecretError'])

/** What is told of an error, and the exit code that goes with it. */
export async function explain(error: unknown): Promise<Failure> {
  if (error instanceof CommandError) return { exitCode: error.exitCode, message: error.message }
  if (error instanceof Error && FOR_OPERATORS.has(error.name)) return { exitCode: EXIT.failed, message: error.message }
  const domain = await import('@latchkey/core')
  if (error instanceof domain.LatchkeyError) {
    return { exitCode: exitCodeOf(error), message: sentencesOf(error, domain) }
  }
  // It was not meant to happen. What PostgreSQL says may quote values, and those are not shown.
  const { type, message, stack, cause } = serialiseError(error)
  const why = cause === undefined ? '' : ` (${cause.message})`
  const trace = process.env.LATCHKEY_LOG_LEVEL === 'debug' ? `\n${stack}` : ''
  return { exitCode: EXIT.failed, message: `It failed: ${type}: ${message}${why}${trace}` }
}

function exitCodeOf({ code }: LatchkeyError): number {
  if (code === 'not_found') return EXIT.notFound
  return code === 'unavailable' || code === 'busy' || code === 'internal_error' ? EXIT.failed : EXIT.refused
}

function sentencesOf(error: LatchkeyError, { ERRORS, storedText }: Domain): string {
  if (error.fields !== undefined && error.fields.length > 0) return error.fields.map(sentenceOf).join('\n')
  if (error.conflict !== undefined) return conflictOf(error.conflict, storedText)
  if (error.code === 'unavailable') return `The database cannot be used${reasonOf(error.cause)}.`
  return `${error.message}. ${ERRORS[error.code].meaning}`
}

/** Of a setting the sentence has to say which; all other fields speak for themselves. */
function sentenceOf({ path: [place, name], message }: FieldError): string {
  return place === 'changes' && typeof name === 'string' && !message.includes(name) ? `${name}: ${message}` : message
}

/** What the others saved beside what was to be saved. */
function conflictOf({ base, revision, settings }: RevisionConflict, textOf: Domain['storedText']): string {
  const rows = [
    ['SETTING', `AT ${base}`, `THEIRS (${revision})`, 'YOURS'],
    ...settings.map(({ name, before, theirs, yours }) => [
      name,
      ...[before, theirs, yours].map((value) => shownText(textOf(name, value))),
    ]),
  ]
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  const table = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [
    `Somebody saved revision ${revision} after revision ${base}. Nothing was changed.`,
    ...table,
    `If yours is to be in force: the same again with --if-revision ${revision}.`,
  ].join('\n')
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error && cause.message !== '' ? `: ${withoutPasswords(cause.message)}` : ''
}
