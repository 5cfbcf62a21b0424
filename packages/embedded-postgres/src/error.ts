const ANOTHER_DATABASE = 'or set DATABASE_URL to the URL of a PostgreSQL 15 or later'

/** Why our own PostgreSQL does not run. Its message says what is wrong and what to do, and is all that a user needs. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'

  /**
   * @param why what is wrong, a clause without a full stop
   * @param remedy what to do about it, likewise
   */
  constructor(why: string, remedy: string, options?: ErrorOptions) {
    super(`Cannot run the embedded PostgreSQL: ${why}. ${capitalised(remedy)}, ${ANOTHER_DATABASE}.`, options)
  }
}

/** Makes the one clear message of any fault: of the file system, of a program that did not run, of PostgreSQL. */
export function explained(fault: unknown, folder: string): EmbeddedPostgresError {
  if (fault instanceof EmbeddedPostgresError) return fault
  const { code, path = folder, message, syscall } = fault as NodeJS.ErrnoException
  const mayNotBecome = code === 'EPERM' && (syscall === 'chown' || syscall?.startsWith('spawn'))
  if (mayNotBecome) {
    return new EmbeddedPostgresError(
      'PostgreSQL does not run as root, and this root may not act as another user',
      'start as an ordinary user',
      { cause: fault },
    )
  }
  if (syscall?.startsWith('spawn')) {
    return new EmbeddedPostgresError(
      `${path} cannot be run here (${code}; it is made for glibc, not musl)`,
      'use a system for which it is made',
      { cause: fault },
    )
  }
  const known = code === undefined ? undefined : REASONS[code]
  const [why, remedy] = known ?? [() => message, 'see that it can keep its data there']
  return new EmbeddedPostgresError(why(path), remedy, { cause: fault })
}

/** Makes it of what initdb or the postmaster printed before it gave up. */
export function explainedOutput(program: string, output: string, logFile?: string): EmbeddedPostgresError {
  const details = logFile ? `see ${logFile}` : 'correct that'
  if (output.includes('No space left on device')) {
    return new EmbeddedPostgresError('the disk is full', 'free some space and start again')
  }
  if (output.includes('could not look up effective user ID')) {
    return new EmbeddedPostgresError('the user it runs as has no entry in the system', 'run as a user that has a name')
  }
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const fatal = lines.findLast((line) => /\b(FATAL|PANIC|fatal|error)\b/.test(line)) ?? lines.at(-1)
  const said = fatal?.replace(/^.*?\b(FATAL|PANIC|fatal|error):\s*/, '') ?? 'it said nothing'
  return new EmbeddedPostgresError(`${program} failed: ${said.replace(/\.$/, '')}`, details)
}

const notWritable = (path: string): string => `${path} cannot be written by this user`

/** What the codes of the operating system mean here. */
const REASONS: Record<string, readonly [why: (path: string) => string, remedy: string]> = {
  EACCES: [notWritable, 'make it writable or start as its owner'],
  EPERM: [notWritable, 'make it writable or start as its owner'],
  EROFS: [(path) => `${path} is on a read-only file system`, 'keep the data on one that can be written'],
  ENOSPC: [() => 'the disk is full', 'free some space and start again'],
  EDQUOT: [() => 'the disk quota is used up', 'free some space and start again'],
  ENOTDIR: [(path) => `${path} is not a folder`, 'move what stands in its way'],
  EEXIST: [(path) => `${path} is not a folder`, 'move what stands in its way'],
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
