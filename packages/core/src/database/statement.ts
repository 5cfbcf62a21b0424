/**
 * A named SQL text with bound parameters. PostgreSQL parses and plans it once per connection. The type of its rows is
 * what the text returns: alias columns to camelCase, and name every one (a prepared `select *` fails once a migration
 * adds a column).
 */
export interface Statement<Row> {
  readonly name: string
  readonly text: string
  /** Only there to carry the type. */
  readonly row?: Row
}

/** Declares a statement; it stands at the top of the file of the one function that runs it. */
export function statement<Row = never>(name: string, text: string): Statement<Row> {
  return { name, text }
}

/** The name of a text that is not prepared, but planned for its values each time: where the best plan depends on them. */
export const UNPREPARED = ''
