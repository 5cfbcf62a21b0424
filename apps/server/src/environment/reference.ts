import { allowedFor, REGISTRY, SETTING_NAMES, type SettingName, settingText } from '@latchkey/core'
import { lockOf } from './locked-settings.ts'
import { fileOf } from './secret-files.ts'
import { notesOf, VARIABLE_NAMES, type VariableName, Variables } from './variables.ts'

const INTRODUCTION = `# Configuration

Latchkey is configured by environment variables, which are read once, at the start. Nothing has to be set in the local
set-up. A variable that is empty counts as not set. Every fault is named in one message, and the server does not start.
A name that begins with \`LATCHKEY_\` and is not below is warned of.

This page is generated from the code (\`npm run generate\`).
`

const SETTINGS = `## Settings

The rules of the service, which can be changed while it runs: [settings.md](settings.md). A variable locks its setting on
this instance; give every instance the same ones. Durations are written as \`30s\`, \`15m\`, \`12h\`, \`30d\`, in seconds or as
ISO 8601 (\`PT15M\`), lists with commas.
`

/** docs/configuration.md, drawn from the schema of the environment and the registry of settings. */
export function configurationReference(): string {
  const groups = [...new Set(SETTING_NAMES.map((name) => REGISTRY[name].group))]
  const tables = groups.map((group) => `### ${group}\n\n${settingTable(group)}`)
  return [INTRODUCTION, `## The process\n\n${variableTable()}`, SETTINGS, ...tables].join('\n')
}

function variableTable(): string {
  return table(
    ['variable', 'allowed', 'default', ''],
    VARIABLE_NAMES.map((name) => {
      const { secret, allowed, help } = notesOf(name)
      const names = secret ? `\`${name}\` or \`${fileOf(name)}\`, a file that holds it` : `\`${name}\``
      return [names, allowed, unset(name), help]
    }),
  )
}

/** The schema's own default, or what happens instead. */
function unset(name: VariableName): string {
  const { def } = Variables.shape[name]
  const given = 'defaultValue' in def && typeof def.defaultValue === 'string' ? def.defaultValue : ''
  return given === '' ? (notesOf(name).unset ?? 'none') : `\`${given}\``
}

function settingTable(group: string): string {
  return table(
    ['variable', 'allowed', 'default', ''],
    SETTING_NAMES.filter((name) => REGISTRY[name].group === group).map((name) => [
      `\`${lockOf(name)}\``,
      allowedFor(name),
      defaultOf(name),
      REGISTRY[name].help,
    ]),
  )
}

/** The default of a setting, for people. */
export function defaultOf(name: SettingName): string {
  const { default: local, productionDefault, unit } = REGISTRY[name]
  const shown = (value: typeof local) => {
    const text = settingText(name, value)
    return text === '' ? 'none' : `\`${text}\`${unit === 'KiB' ? ' KiB' : ''}`
  }
  return productionDefault === undefined ? shown(local) : `${shown(local)}, in production ${shown(productionDefault)}`
}

/** A table in Markdown. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`
}
