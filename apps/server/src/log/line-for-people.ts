import type { LoggedError } from './serialise-error.ts'

/** What every line of the log has, and what a person would like to see of the rest. */
interface Line {
  level: string
  time: string
  msg?: string
  err?: LoggedError
  [detail: string]: unknown
}

/** The same on every line, or shown in a way of its own. */
const KNOWN = new Set(['level', 'time', 'msg', 'err', 'service', 'version', 'host', 'pid'])

/** Makes a short line of a JSON one: time, level if it matters, message, details. An error adds lines of its own. */
export function lineForPeople(json: string): string {
  const line: Line = JSON.parse(json)
  const level = line.level === 'info' ? '' : `${line.level}: `
  const details = Object.entries(line)
    .filter(([name]) => !KNOWN.has(name))
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return `${line.time.slice(11, 19)} ${level}${line.msg ?? ''}${details.join('')}\n${line.err ? errorLines(line.err) : ''}`
}

function errorLines({ type, message, stack, cause }: LoggedError): string {
  return `  ${type}: ${message}\n${stack === undefined ? '' : `${stack}\n`}${cause === undefined ? '' : errorLines(cause)}`
}
