import { LatchkeyError } from '../errors.ts'

/** Rows of one page at most. */
export const PAGE_SIZE_MAX = 200

/** Rows of a page where the caller does not say. */
export const PAGE_SIZE_DEFAULT = 50

/** One page of a list that is ordered by keys, so that a page costs the same wherever it lies. */
export interface Page<Row> {
  items: Row[]
  /** Gives the next page; opaque. Undefined on the last one. */
  next: string | undefined
}

/** What a cursor is made of: the sort keys of the last row of a page. Times are text, which keeps microseconds. */
export type CursorKey = string | number

/** How a key is read back. */
export type CursorKind = 'string' | 'number' | 'time' | 'uuid'

/** SQL that gives a timestamp as text with its microseconds; a JavaScript Date would lose them, and rows with them. */
export const timeKeySql = (column: string): string =>
  `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** SQL of all conditions at once; nothing where there is none. */
export const whereSql = (conditions: string[]): string =>
  conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`

/** Makes a cursor of the sort keys of a row. */
export function encodeCursor(keys: CursorKey[]): string {
  return Buffer.from(JSON.stringify(keys)).toString('base64url')
}

/**
 * Reads a cursor, which anybody may have made up.
 *
 * @param kinds what each key must be
 * @throws LatchkeyError `invalid_input`
 */
export function decodeCursor(cursor: string, kinds: CursorKind[]): CursorKey[] {
  const keys = parse(cursor)
  if (Array.isArray(keys) && keys.length === kinds.length && kinds.every((kind, at) => isOf(kind, keys[at]))) {
    return keys as CursorKey[]
  }
  throw new LatchkeyError('invalid_input', {
    fields: [{ path: ['cursor'], code: 'cursor_invalid', message: 'This is not the `next` of a page of this list.' }],
  })
}

/** Cuts what was read to one page. Read one row more than the limit: that there is one means that there is a next page. */
export function pageOf<Row>(rows: Row[], limit: number, keysOf: (row: Row) => CursorKey[]): Page<Row> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last !== undefined ? encodeCursor(keysOf(last)) : undefined }
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}

function isOf(kind: CursorKind, key: unknown): boolean {
  if (kind === 'number') return Number.isSafeInteger(key)
  if (typeof key !== 'string' || key.includes('\0') || !key.isWellFormed()) return false
  if (kind === 'uuid') return UUID.test(key)
  return kind === 'string' || isTime(key)
}

/** Whether PostgreSQL takes it, too: it knows no year 0, and no 31st of February, which JavaScript takes for a March. */
function isTime(key: string): boolean {
  const date = new Date(key)
  return (
    TIME.test(key) &&
    !Number.isNaN(date.getTime()) &&
    date.getUTCFullYear() > 0 &&
    date.toISOString().slice(0, 19) === key.slice(0, 19)
  )
}
