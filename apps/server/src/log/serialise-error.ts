/** What the log shows of an error. */
export interface LoggedError {
  type: string
  message: string
  code?: string
  /** Of a database's error: which rule of which table was broken. */
  constraint?: string
  table?: string
  /** Where it was thrown, without the message, which may have been changed here. */
  stack?: string
  cause?: LoggedError | undefined
}

const CAUSES_MAX = 5

/**
 * Shows an error without what secrets it may carry. PostgreSQL's errors quote values in their message and details, and
 * MikroORM's the whole statement; what helps is their code and the rule they name. A driver's may quote its URL.
 */
export function serialiseError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something that is no error was thrown' }
  const state = textOf(error, 'code')
  const fromDatabase = hasSqlState(error) || error.name.endsWith('Exception')
  const constraint = textOf(error, 'constraint')
  const table = textOf(error, 'table')
  const frames = error.stack
    ?.split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n')
  return {
    type: error.name,
    message: fromDatabase ? `refused by the database (${state ?? 'no code'})` : withoutPasswords(error.message),
    ...(state !== undefined && { code: state }),
    ...(constraint !== undefined && { constraint }),
    ...(table !== undefined && { table }),
    ...(frames !== undefined && { stack: frames }),
    ...(error.cause !== undefined && depth < CAUSES_MAX && { cause: serialiseError(error.cause, depth + 1) }),
  }
}

/** Whether PostgreSQL itself sent it. */
export const hasSqlState = (error: Error): boolean => /^(?=.*\d)[0-9A-Z]{5}$/.test(textOf(error, 'code') ?? '')

/** Takes user and password out of every URL in a text. */
export const withoutPasswords = (text: string): string => text.replace(/(\w+:\/\/)\S*@/g, '$1…@')

function textOf(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'string' ? value : undefined
}
