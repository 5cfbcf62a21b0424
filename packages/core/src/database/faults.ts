import { LatchkeyError } from '../errors.ts'

/** SQLSTATE classes that say "not now", whatever was asked: connection, log-in, transaction, resources, locks, operator, system. */
const CLASSES_UNAVAILABLE = new Set(['08', '28', '40', '53', '55', '57', '58'])
/** Single ones: read-only, no such database; table, column or function missing (migrations pending), rights missing. */
const STATES_UNAVAILABLE = new Set(['25006', '3D000', '42P01', '42703', '42883', '42501'])
/** How the driver and the system say that the connection could not be made, was lost, or does not answer. */
const LOST = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ENOENT|EACCES)/
const DRIVER =
  /timeout exceeded|Connection terminated|Query read timeout|not queryable|Cannot use a pool|server closed/i

/** The SQLSTATE of what the driver threw, if PostgreSQL sent one: it has a digit, which no code of the system has (`EPIPE`). */
export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** Whether the database cannot answer just now: gone, read-only, locked, slow, full. It says nothing about a token. */
function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.some(isUnavailable) // every address of a host refused
  const state = sqlState(error)
  if (state !== undefined) {
    return STATES_UNAVAILABLE.has(state) || CLASSES_UNAVAILABLE.has(state.slice(0, 2))
  }
  return ('code' in error && LOST.test(String(error.code))) || DRIVER.test(error.message)
}

/** Whether somebody else held a row for too long, or each waited for the other: another try may get through at once. */
export function isLockFault(error: unknown): boolean {
  const state = sqlState(error)
  return state === '55P03' || state === '40P01'
}

/** Whether PostgreSQL ended a statement, because it took too long. */
export function isCanceled(error: unknown): boolean {
  return sqlState(error) === '57014'
}

/** Makes of a driver's error what the edge can answer: 503 where the database is to blame, else the error itself. */
export function asFault(error: unknown): unknown {
  return isUnavailable(error) ? new LatchkeyError('unavailable', { retryAfter: 1, cause: error }) : error
}
