import { InvalidArgumentError } from 'commander'
import { misused } from './exit.ts'

/** Reads a whole number of the command line, within bounds. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
    if (number >= min && number <= max) return number
    throw new InvalidArgumentError(`It is a whole number from ${min} to ${max}.`)
  }

/** Reads a duration as settings take it: `30s`, `15m`, `2h`, ISO 8601. @throws CommandError wrong usage */
export async function durationSeconds(option: string, text: string): Promise<number> {
  const { secondsOf } = await import('@latchkey/core')
  const seconds = secondsOf(text)
  if (seconds !== undefined && seconds > 0) return seconds
  throw misused(`${option} is ${JSON.stringify(text)}. Allowed: a duration such as 30m, 2h or 1d.`)
}

/** Reads a time: an ISO 8601 one, or how long ago it was. @throws CommandError wrong usage */
export async function instant(option: string, text: string): Promise<Date> {
  const { secondsOf } = await import('@latchkey/core')
  const ago = secondsOf(text)
  if (ago !== undefined) return new Date(Date.now() - ago * 1000)
  const time = new Date(text)
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time.getTime())) return time
  throw misused(
    `${option} is ${JSON.stringify(text)}. Allowed: a time such as 2026-11-24 or 2026-11-24T10:00:00Z, or 2h for two hours ago.`,
  )
}
