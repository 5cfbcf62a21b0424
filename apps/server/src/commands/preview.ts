import type { Preview } from '@latchkey/core'
import { clean, note, print, shownText, when } from './output.ts'

/** Shows what a change would do, as data. */
export function printPreview(preview: Preview): void {
  for (const line of linesOf(preview)) print(line)
}

/** The same beside the data, before a question. */
export function notePreview(preview: Preview): void {
  for (const line of linesOf(preview)) note(line)
}

function linesOf({ changes, effects }: Preview): string[] {
  if (changes.length === 0) return ['Nothing would change.']
  const rows = changes.map(({ name, fromText, toText, until }) => {
    const end = until === undefined ? '' : ` until ${when(until)}`
    return `${name}  ${shownText(fromText)} -> ${shownText(toText)}${end}`
  })
  return [...rows, ...effects.map(({ text }) => `  ${text}`)].map(clean)
}
