import type { Command } from 'commander'

/** What is to be told of a command, beside its options. */
export interface About {
  /** One line, for the list of commands: what it does. */
  summary: string
  /** More, if one line is not enough. */
  details?: string
  /** Whole command lines that can be pasted, each with a comment after `#` if it is not plain. */
  examples: string[]
  /** Whether it has `--json`; it does unless this is false. */
  json?: false
}

/** What every command with `--json` gets. */
export interface JsonOption {
  json?: boolean
}

const EXAMPLES = new WeakMap<Command, string[]>()

/** The examples of a command; docs/cli.md shows them as well. */
export const examplesOf = (of: Command): string[] => EXAMPLES.get(of) ?? []

/** Adds a group: a word that commands stand behind, as `config` in `config set`. */
export function group(parent: Command, name: string, summary: string): Command {
  return parent
    .command(name)
    .summary(summary)
    .description(`${capitalised(summary)}.`)
}

/**
 * Adds a command, with what all of them have: a summary, examples in its `--help`, `--json`.
 * Arguments and
 * options of its own are added to what it gives.
 */
export function command(parent: Command, name: string, { summary, details, examples, json }: About): Command {
  const sentence = `${capitalised(summary)}.`
  const added = parent
    .command(name)
    .summary(summary)
    .description(details === undefined ? sentence : `${sentence}\n\n${details}`)
  if (json !== false) added.option('--json', 'print one JSON document')
  EXAMPLES.set(added, examples)
  if (examples.length > 0) added.addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`)
  return added
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
