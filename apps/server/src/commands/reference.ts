import { createProgram } from './program.ts'
import { type CommandNode, flat, type OptionNode, treeOf } from './tree.ts'

const INTRODUCTION = `# The command

In the clone: \`npx latchkey …\` (after \`npm start\` or \`npm run build\`). Nothing else has to be installed.

A command reads the same environment as the server ([configuration](configuration.md)) and works on the same database,
whether the server runs or not: the one that \`DATABASE_URL\` names, else the embedded one below \`LATCHKEY_DATA_DIR\`,
which it starts if it does not run, and stops again. Give a command the variables that its server has: what they lock, it
shows as locked.

- Data go to stdout, notes and questions to stderr. \`--json\` prints one JSON document, in the names of the REST API.
- Passwords and tokens are asked for, or read from stdin. No argument takes one: everybody on the machine could see it.
- What ends or deletes something asks first. Where nobody can be asked, it does nothing unless \`--yes\` is given.
- Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused (by a rule, or because nobody said yes).
- Times are shown in the time zone of the terminal; in JSON they are ISO 8601 in UTC.
- \`latchkey completion --help\` tells how to make a shell complete all this.

This page is generated from the code (\`npm run generate\`).
`

/** docs/cli.md, drawn from the definitions of the commands. */
export function cliReference(): string {
  const root = treeOf(createProgram())
  const commands = flat(root).filter(({ commands: below }) => below.length === 0)
  return [INTRODUCTION, overview(commands), ...root.commands.map(section)].join('\n')
}

function overview(commands: CommandNode[]): string {
  const rows = commands.map((node) => `| [\`${signature(node)}\`](#${node.path.join('-')}) | ${cell(node.summary)} |`)
  return `| command | |\n| --- | --- |\n${rows.join('\n')}\n`
}

/** A command of its own, or a group with its commands. */
function section(node: CommandNode): string {
  if (node.commands.length === 0) return entry(node, '##')
  return [
    `## ${node.path.join(' ')}\n\n${node.description}\n`,
    ...node.commands.map((each) => entry(each, '###')),
  ].join('\n')
}

function entry(node: CommandNode, heading: string): string {
  const { path, description, arguments: operands, options, examples } = node
  const rows = [
    ...operands.map(({ term, description: what }) => `| \`${term}\` | ${cell(what)} |`),
    ...options.filter(({ long }) => long !== '--help').map((option) => `| \`${option.flags}\` | ${meaning(option)} |`),
  ]
  return [
    `${heading} ${path.join(' ')}\n\n${description}\n`,
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\`\n`,
    ...(rows.length === 0 ? [] : [`| | |\n| --- | --- |\n${rows.join('\n')}\n`]),
  ].join('\n')
}

const signature = ({ path, usage }: CommandNode): string => [...path, usage].join(' ').trim()

function meaning({ description, default: byDefault, value }: OptionNode): string {
  const choices = value?.choices === undefined ? '' : ` (${value.choices.join(', ')})`
  return cell(`${description}${choices}${byDefault === undefined ? '' : `; default ${byDefault}`}`)
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
