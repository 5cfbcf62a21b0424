import { styleText } from 'node:util'
import type { JsonOption } from './define.ts'

/** One column of a table. */
export interface Column<Row> {
  head: string
  cell: (row: Row) => string
  align?: 'right'
  /** May be cut where the terminal is too narrow for all. */
  shrinks?: true
}

/** Columns of a terminal that does not tell how many it has. */
export const WIDTH_UNKNOWN = 80

const GAP = 2
const SHRUNK_WIDTH_MIN = 8

/** Gives what a command was asked for: one JSON document, or what people read. */
export function answer({ json }: JsonOption, data: unknown, forPeople: () => void): void {
  if (json) printJson(data)
  else forPeople()
}

/** Prints a line of data: on stdout, so that it can be piped. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Prints one JSON document. */
export function printJson(data: unknown): void {
  print(asciiControls(JSON.stringify(data, undefined, 2)))
}

/** Tells something beside the data: on stderr. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Prints a table. At a terminal it fits; in a pipe nothing is cut. */
export function printTable<Row>(columns: Column<Row>[], rows: Row[]): void {
  const cells = rows.map((row) => columns.map(({ cell }) => clean(cell(row))))
  const widths = fitted(
    columns,
    columns.map(({ head }, at) => Math.max(head.length, ...cells.map((line) => line[at]?.length ?? 0))),
  )
  const lineOf = (line: string[]) =>
    columns.map(({ align }, at) => padded(line[at] ?? '', widths[at] ?? 0, align)).join(' '.repeat(GAP))
  print(bold(lineOf(columns.map(({ head }) => head)).trimEnd()))
  for (const line of cells) print(lineOf(line).trimEnd())
}

/** Columns of the terminal; in a pipe no line is too long. */
export function lineWidth(): number {
  if (!process.stdout.isTTY) return Number.POSITIVE_INFINITY
  return process.stdout.columns === 0 ? WIDTH_UNKNOWN : process.stdout.columns
}

/** Prints names and values, one pair a line. */
export function printFields(fields: [name: string, value: string][]): void {
  const width = Math.max(...fields.map(([name]) => name.length))
  for (const [name, value] of fields) print(`${bold(name.padEnd(width))}  ${clean(value)}`)
}

/** Bold at a terminal that shows it; `NO_COLOR` is heeded. */
export const bold = (text: string): string => styleText('bold', text, { stream: process.stdout })

/** Less loud at a terminal that shows it. */
export const dim = (text: string): string => styleText('dim', text, { stream: process.stdout })

/**
 * Takes out what would steer the terminal. Usernames and user agents come from anybody, and an escape sequence in one
 * could rewrite what an operator believes to see; so could marks that turn the direction of text.
 */
export const clean = (text: string): string => text.replace(STEERING, '\uFFFD')

/** An empty text as a word, so that nothing looks like a hole. */
export const shownText = (text: string): string => (text === '' ? 'none' : text)

/** A time as people read it, where they are. */
export function when(time: Date): string {
  const [day, clock] = localParts(time)
  return `${day} ${clock.slice(0, 5)}`
}

/** The same to the second. */
export const whenExactly = (time: Date): string => localParts(time).join(' ')

/** Controls of a terminal (C0, DEL, C1), and marks that turn the direction of text or break its lines. */
const STEERING = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** JSON itself escapes only those below U+0020. */
const asciiControls = (json: string): string =>
  json.replace(STEERING, (mark) => (mark === '\n' ? mark : `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`))

function localParts(time: Date): [day: string, clock: string] {
  const two = (number: number) => String(number).padStart(2, '0')
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return [day, [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')]
}

/** Takes from the columns that may shrink, the widest first, until all fit. */
function fitted(columns: Column<never>[], widths: number[]): number[] {
  const room = lineWidth()
  const fitting = [...widths]
  const total = () => fitting.reduce((sum, width) => sum + width, 0) + GAP * (fitting.length - 1)
  while (total() > room) {
    const able = [...columns.keys()].filter((at) => columns[at]?.shrinks && (fitting[at] ?? 0) > SHRUNK_WIDTH_MIN)
    const [widest] = able.toSorted((a, b) => (fitting[b] ?? 0) - (fitting[a] ?? 0))
    if (widest === undefined) return fitting
    fitting[widest] = (fitting[widest] ?? 0) - 1
  }
  return fitting
}

function padded(text: string, width: number, align: 'right' | undefined): string {
  const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text
  return align === 'right' ? cut.padStart(width) : cut.padEnd(width)
}
