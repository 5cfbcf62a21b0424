import type { Command } from 'commander'
import type { Page } from '@latchkey/core'
import { note } from './output.ts'
import { wholeNumber } from './parse.ts'

/** The options of a command that shows a page of a list. */
export interface PageOptions {
  limit: number
  cursor?: string
}

/** Adds them. */
export function withPages(command: Command): Command {
  return command
    .option('-n, --limit <N>', 'rows at most, up to 200', wholeNumber(1, 200), 50)
    .option('--cursor <CURSOR>', 'go on where the page before ended')
}

/** The page to ask the domain for. */
export const pageOf = ({ limit, cursor }: PageOptions) => ({ limit, ...(cursor !== undefined && { cursor }) })

/** Says how to go on, if there is more. */
export function noteNext({ next }: Page<unknown>): void {
  if (next !== undefined) note(`There is more: the same with --cursor ${next}`)
}

/** Says that there is nothing, where a table would have only its head. */
export function noteNone(rows: unknown[], what: string): boolean {
  if (rows.length === 0) note(`No ${what}.`)
  return rows.length === 0
}
