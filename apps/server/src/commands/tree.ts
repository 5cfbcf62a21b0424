import type { Argument, Command, Option } from 'commander'
import { examplesOf } from './define.ts'

/** One command, as completions and docs/cli.md need it. */
export interface CommandNode {
  /** From the program's name on. */
  path: string[]
  summary: string
  description: string
  /** What stands behind its path: arguments and options. */
  usage: string
  arguments: ArgumentNode[]
  options: OptionNode[]
  examples: string[]
  /** Of a group. */
  commands: CommandNode[]
}

/** What may stand for a value. */
export interface Values {
  /** The only ones there are, if they are listed. */
  choices?: readonly string[]
  /** As it stands in the help, without brackets: `NAME=VALUE`, `FILE`. */
  term: string
}

/** One argument. */
export interface ArgumentNode extends Values {
  description: string
  variadic: boolean
}

/** One option. */
export interface OptionNode {
  flags: string
  short?: string
  long?: string
  description: string
  default?: string | number
  /** What it takes, unless it is a switch. */
  value?: Values
}

/** The tree of all commands, without those that are hidden. */
export function treeOf(command: Command, parents: string[] = []): CommandNode {
  const path = [...parents, command.name()]
  const help = command.createHelp()
  return {
    path,
    summary: command.summary(),
    description: command.description(),
    usage: command.usage().replace('[options] ', '').replace('[options]', ''),
    arguments: command.registeredArguments.map(argumentOf),
    options: help.visibleOptions(command).map(optionOf),
    examples: examplesOf(command),
    commands: command.commands.map((each) => treeOf(each, path)),
  }
}

/** All commands that do something, and the groups, each before its commands. */
export const flat = (node: CommandNode): CommandNode[] => [node, ...node.commands.flatMap(flat)]

/** What is completed for a value: known words, files, or nothing. */
export type Completed = { words: readonly string[] } | 'files' | 'nothing'

/** Words that are known by the term of a value: `{ NAME: ['ACCESS_TOKEN_LIFETIME', …] }`. */
export type KnownWords = Record<string, readonly string[]>

/** What to offer where this value stands. */
export function completedBy({ choices, term }: Values, known: KnownWords): Completed {
  const words = choices ?? known[term]
  if (words !== undefined) return { words }
  return term === 'FILE' ? 'files' : 'nothing'
}

function argumentOf(argument: Argument): ArgumentNode {
  const { description, variadic, argChoices } = argument
  return { term: argument.name(), description, variadic, ...(argChoices && { choices: argChoices }) }
}

function optionOf(option: Option): OptionNode {
  const { flags, short, long, description, defaultValue, argChoices } = option
  const term = /[<[](.+?)(?:\.\.\.)?[>\]]/.exec(flags)?.[1]
  return {
    flags,
    ...(short !== undefined && { short }),
    ...(long !== undefined && { long }),
    description,
    ...(isShown(defaultValue) && { default: defaultValue }),
    ...(term !== undefined && { value: { term, ...(argChoices && { choices: argChoices }) } }),
  }
}

const isShown = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'
