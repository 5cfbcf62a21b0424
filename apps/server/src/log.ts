import { hostname } from 'node:os'
import { type DestinationStream, type Logger, pino } from 'pino'
import { lineForPeople } from './log/line-for-people.ts'
import { serialiseError } from './log/serialise-error.ts'
import { withoutSecrets } from './log/without-secrets.ts'

/** Characters. */
const BUFFER_LENGTH = 16_000
/** Milliseconds that a line may wait, and that are lost if the process is killed. */
const FLUSH_MS = 100

/** What the log is made from. */
export interface LogOptions {
  level: 'debug' | 'info' | 'warn' | 'error'
  version: string
  /** JSON for machines (production), or short lines for whoever sits at the terminal. */
  format: 'json' | 'people'
  destination?: DestinationStream
}

/** The log of this process. Nothing in it can log anybody in: no bodies, no tokens, no parameters of statements. */
export function createLog({ level, version, format, destination }: LogOptions): Logger {
  const options = {
    level,
    base: { service: 'latchkey', version, host: hostname(), pid: process.pid },
    timestamp: isoTime(),
    formatters: { level: (label: string) => ({ level: label }), log: (details: object) => withoutSecrets(details) },
    serializers: { err: serialiseError, error: serialiseError, cause: serialiseError },
  }
  if (format === 'json') return pino(options, destination ?? buffered())
  const write =
    destination === undefined ? (text: string) => process.stderr.write(text) : destination.write.bind(destination)
  return pino(options, { write: (line) => write(lineForPeople(line)) })
}

/**
 * One write for many lines: a write for each line was an eighth of the CPU of a refresh. They are put together here, since
 * the stream would look through each of them for its length in bytes. What is left goes out at exit.
 */
function buffered(): DestinationStream {
  const stream = pino.destination({ sync: false, minLength: BUFFER_LENGTH })
  let lines: string[] = []
  let length = 0
  const hand = () => {
    stream.write(lines.join(''))
    lines = []
    length = 0
  }
  setInterval(() => {
    if (length > 0) hand()
    stream.flush()
  }, FLUSH_MS).unref()
  // Before the stream writes out what it has.
  process.prependListener('exit', hand)
  return {
    write(line) {
      lines.push(line)
      length += line.length
      if (length >= BUFFER_LENGTH) hand()
    },
  }
}

/** The time of a line, in ISO 8601. At full load many lines have the same millisecond: it is written out once. */
function isoTime(): () => string {
  let last = Number.NaN
  let text = ''
  return () => {
    const now = Date.now()
    if (now !== last) {
      last = now
      text = `,"time":"${new Date(now).toISOString()}"`
    }
    return text
  }
}
