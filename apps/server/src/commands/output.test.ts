import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { clean, type Column, printJson, printTable } from './output.ts'

/** What is printed, on a terminal of this width or into a pipe. */
function printed(columns: number | undefined, work: () => void): string {
  const write = process.stdout.write.bind(process.stdout)
  const [isTTY, width] = [process.stdout.isTTY, process.stdout.columns]
  let text = ''
  Object.assign(process.stdout, {
    isTTY: columns !== undefined,
    columns,
    write: (part: string) => (text += part) !== '',
  })
  try {
    work()
  } finally {
    Object.assign(process.stdout, { isTTY, columns: width, write })
  }
  // Colours are no part of what is compared.
  return stripVTControlCharacters(text)
}

const COLUMNS: Column<[string, number]>[] = [
  { head: 'E-MAIL', cell: ([email]) => email, shrinks: true },
  { head: 'N', cell: ([, number]) => String(number), align: 'right' },
]
const ROWS: [string, number][] = [
  ['somebody.with.a.long.name@example.com', 7],
  ['a@b.c', 4711],
]

test('a table fits the terminal, and in a pipe nothing is cut', () => {
  expect(printed(20, () => printTable(COLUMNS, ROWS))).toBe(
    'E-MAIL             N\nsomebody.with…     7\na@b.c           4711\n',
  )
  expect(printed(undefined, () => printTable(COLUMNS, ROWS))).toContain('somebody.with.a.long.name@example.com     7\n')
})

test('nothing that steers a terminal gets through, as text or as JSON', () => {
  const hostile = 'a\u001b]0;x\u0007\u009b2J\u202eb\nc'
  expect(clean(hostile)).toBe('a\uFFFD]0;x\uFFFD\uFFFD2J\uFFFDb\uFFFDc')
  const json = printed(undefined, () => printJson({ hostile }))
  expect(json).toMatch(/^[\n\u0020-\u007e]+$/)
  expect(JSON.parse(json)).toEqual({ hostile })
})
