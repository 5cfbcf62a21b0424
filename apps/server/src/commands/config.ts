import type { Command } from 'commander'
import { readFile } from 'node:fs/promises'
import type { RevisionView, Saved, SettingView } from '@latchkey/core'
import { nearest } from '../nearest.ts'
import { confirm, readStdin, YES, type YesOption } from './ask.ts'
import { command, group, type JsonOption } from './define.ts'
import { misused, notFound } from './exit.ts'
import { answer, bold, clean, dim, note, print, printJson, printTable, shownText, when } from './output.ts'
import { noteNext, noteNone, type PageOptions, pageOf, withPages } from './pages.ts'
import { durationSeconds, wholeNumber } from './parse.ts'
import { notePreview, printPreview } from './preview.ts'
import { type Opened, withCore } from './with-core.ts'

const ASSIGNMENTS = ['<NAME=VALUE...>', 'settings and their new values, as ACCESS_TOKEN_LIFETIME=15m'] as const
const NAME = 'the name of a setting'
const REVISION_MAX = 2_147_483_647

/** `latchkey config …`. */
export function registerConfig(program: Command): void {
  const config = group(program, 'config', 'look at the live settings and change them')

  command(config, 'list', {
    summary: 'list all settings, their values, and where those come from',
    details: 'The environment that counts is that of this command: it need not be that of the servers.',
    examples: [
      'latchkey config list',
      'latchkey config list --json | jq ".settings[] | select(.source != \\"default\\")"',
    ],
  }).action((options: JsonOption) => withCore((opened) => list(opened, options)))

  command(config, 'get', {
    summary: 'print the value of a setting',
    examples: ['latchkey config get ACCESS_TOKEN_LIFETIME', 'latchkey config get ACCESS_TOKEN_LIFETIME --json'],
  })
    .argument('<NAME>', NAME)
    .action((name: string, options: JsonOption) => withCore((opened) => get(opened, name, options)))

  changing(
    command(config, 'set', {
      summary: 'change settings: in force on all servers within a second',
      details: 'All that is given is one revision. Durations are written as 30s, 15m, 12h, 30d, lists with commas.',
      examples: [
        'latchkey config set ACCESS_TOKEN_LIFETIME=15m --reason "fewer refreshes"',
        'latchkey config set ACCESS_TOKEN_LIFETIME=5m REFRESH_GRACE=20s --dry-run',
        'latchkey config set REGISTRATION_OPEN=off --for 2h',
      ],
    }).argument(...ASSIGNMENTS),
  )
    .option('--for <DURATION>', 'only for so long: then the values before are in force again, by themselves')
    .action((assignments: string[], options: SetOptions) =>
      withCore(async (opened) => change(opened, await assigned(opened, assignments), options)),
    )

  changing(
    command(config, 'reset', {
      summary: 'bring back the defaults of settings',
      examples: ['latchkey config reset ACCESS_TOKEN_LIFETIME', 'latchkey config reset REFRESH_GRACE --dry-run'],
    }).argument('<NAME...>', 'the names of settings'),
  ).action((names: string[], options: SetOptions) =>
    withCore((opened) => {
      for (const name of names) insistOnSetting(opened, name)
      return change(opened, Object.fromEntries(names.map((name) => [name, null])), options)
    }),
  )

  command(config, 'preview', {
    summary: 'tell what a change would do, in figures, and change nothing',
    examples: [
      'latchkey config preview SESSION_MAX_LIFETIME=30d',
      'latchkey config preview REFRESH_TOKEN_LIFETIME=7d --json',
    ],
  })
    .argument(...ASSIGNMENTS)
    .option('--for <DURATION>', 'as a change for so long')
    .action((assignments: string[], options: SetOptions) =>
      withCore(async (opened) => preview(opened, await assigned(opened, assignments), options)),
    )

  withPages(
    command(config, 'history', {
      summary: 'list revisions, the newest first: who changed what, and why',
      examples: ['latchkey config history', 'latchkey config history ACCESS_TOKEN_LIFETIME -n 5'],
    }).argument('[NAME]', 'only revisions that changed this setting'),
  ).action((name: string | undefined, options: JsonOption & PageOptions) =>
    withCore((opened) => history(opened, name, options)),
  )

  command(config, 'rollback', {
    summary: 'bring back the values of an earlier revision, as a new one',
    details: 'Shows first what that would do. Revision 0 is the state before the first change.',
    examples: ['latchkey config rollback 11', 'latchkey config rollback 11 --yes --reason "too many refreshes"'],
  })
    .argument('<REVISION>', 'the number of the revision', wholeNumber(0, REVISION_MAX))
    .option('--reason <TEXT>', 'why, for the history')
    .option('--if-revision <N>', 'only if this is still the newest revision', wholeNumber(0, REVISION_MAX))
    .option(...YES)
    .action((to: number, options: RollbackOptions) => withCore((opened) => rollback(opened, to, options)))

  command(config, 'export', {
    summary: 'print the stored settings as JSON, for import',
    details: 'What is not stored has its default and is not printed; timed overrides are not, either.',
    examples: ['latchkey config export > settings.json'],
  }).action(() => withCore(async ({ core, domain }) => printJson(await domain.exportSettings(core))))

  command(config, 'import', {
    summary: 'change settings to what a file says, in one revision',
    details: 'The file is JSON as export prints it. Settings that are not in it stay, unless --replace is given.',
    examples: ['latchkey config import settings.json', 'latchkey config import - --yes < settings.json'],
  })
    .argument('<FILE>', 'the file, or - for stdin')
    .option('--replace', 'bring back the defaults of settings that are not in it')
    .option('--reason <TEXT>', 'why, for the history')
    .option('--if-revision <N>', 'only if this is still the newest revision', wholeNumber(0, REVISION_MAX))
    .option('--dry-run', 'tell what it would do, and change nothing')
    .option(...YES)
    .action((file: string, options: ImportOptions) =>
      withCore(async (opened) => importSettings(opened, await imported(opened, file, options), options)),
    )
}

interface ChangeOptions extends JsonOption {
  reason?: string
  ifRevision?: number
  dryRun?: boolean
}

interface SetOptions extends ChangeOptions {
  for?: string
}

interface RollbackOptions extends JsonOption, YesOption {
  reason?: string
  ifRevision?: number
}

interface ImportOptions extends ChangeOptions, YesOption {
  replace?: boolean
}

type Changes = Record<string, unknown>

function changing(added: Command): Command {
  return added
    .option('--reason <TEXT>', 'why, for the history')
    .option('--if-revision <N>', 'only if this is still the newest revision', wholeNumber(0, REVISION_MAX))
    .option('--dry-run', 'tell what it would do, and change nothing')
}

async function list({ core, domain }: Opened, options: JsonOption): Promise<void> {
  const settings = domain.listSettings(core)
  const wire = await import('@latchkey/api/wire')
  answer(options, wire.settings(settings), () => {
    printTable<SettingView>(
      [
        { head: 'SETTING', cell: ({ name }) => name },
        { head: 'VALUE', cell: ({ text, unit }) => withUnit(text, unit), shrinks: true },
        { head: 'FROM', cell: sourceOf },
        { head: 'DEFAULT', cell: ({ defaultText, unit }) => withUnit(defaultText, unit), shrinks: true },
      ],
      settings.settings,
    )
    note(`Revision ${settings.revision}. The grace in force is ${domain.durationText(settings.graceSeconds)}.`)
    noteIgnored(settings.settings)
  })
}

async function get({ core, domain }: Opened, name: string, options: JsonOption): Promise<void> {
  insistOnSetting({ domain }, name)
  const wire = await import('@latchkey/api/wire')
  const view = domain.listSettings(core)
  const setting = view.settings.find((each) => each.name === name)
  const [document] = wire.settings({ ...view, settings: view.settings.filter((each) => each === setting) }).settings
  answer(options, document, () => {
    if (setting === undefined) return
    print(clean(setting.text))
    note(`From ${sourceOf(setting)}. Default: ${shownText(setting.defaultText)}. Allowed: ${setting.allowed}.`)
    noteIgnored([setting])
  })
}

/** One revision with these changes, or what it would do. */
async function change(opened: Opened, changes: Changes, options: SetOptions): Promise<void> {
  if (options.dryRun) return await preview(opened, changes, options)
  const { core, domain } = opened
  const { reason, ifRevision: base = domain.listSettings(core).revision } = options
  const saved = await domain.saveSettings(
    core,
    { changes, base, ...(reason !== undefined && { reason }), ...(await timed(options)) },
    domain.COMMAND,
  )
  await tellSaved(opened, saved, options)
}

async function preview({ core, domain }: Opened, changes: Changes, options: SetOptions): Promise<void> {
  const { ifRevision: base } = options
  const would = await domain.previewSettings(core, {
    changes,
    ...(base !== undefined && { base }),
    ...(await timed(options)),
  })
  const wire = await import('@latchkey/api/wire')
  answer(options, wire.preview(would), () => {
    printPreview(would)
    note('Nothing was changed.')
  })
}

async function history(opened: Opened, setting: string | undefined, options: JsonOption & PageOptions): Promise<void> {
  const { core, domain } = opened
  if (setting !== undefined) insistOnSetting(opened, setting)
  const revisions = await domain.settingsHistory(core, { ...pageOf(options), setting })
  const wire = await import('@latchkey/api/wire')
  answer(options, wire.page(revisions, wire.revision), () => {
    if (noteNone(revisions.items, 'revisions')) return
    for (const revision of revisions.items) printRevision(revision)
    noteNext(revisions)
  })
}

function printRevision({ number, at, kind, actor, actorEmail, reason, restores, changes }: RevisionView): void {
  const what = { change: '', rollback: `  rollback to ${restores}`, override_ended: '  override ended' }[kind]
  const why = reason === '' ? '' : `  ${clean(reason)}`
  print(`${bold(String(number))}  ${when(at)}  ${clean(actorEmail ?? actor)}${what}${dim(why)}`)
  for (const { name, fromText, toText, until } of changes) {
    const end = until === undefined ? '' : ` until ${when(until)}`
    print(clean(`    ${name}  ${shownText(fromText)} -> ${shownText(toText)}${end}`))
  }
}

async function rollback(opened: Opened, to: number, options: RollbackOptions): Promise<void> {
  const { core, domain } = opened
  const { reason, yes, ifRevision } = options
  const base = ifRevision ?? domain.listSettings(core).revision
  try {
    if (!yes) notePreview(await domain.previewSettings(core, { to }))
    await confirm(`Roll back to revision ${to}?`, options)
    await tellSaved(opened, await domain.rollbackSettings(core, { to, base, reason }, domain.COMMAND), options)
  } catch (error) {
    if (error instanceof domain.LatchkeyError && error.code === 'not_found')
      throw notFound(`There is no revision ${to}.`)
    throw error
  }
}

async function importSettings(opened: Opened, changes: Changes, options: ImportOptions): Promise<void> {
  if (!options.dryRun && !options.yes) {
    notePreview(await opened.domain.previewSettings(opened.core, { changes }))
    await confirm('Save this as one revision?', options)
  }
  await change(opened, changes, options)
}

async function tellSaved({ domain }: Opened, saved: Saved, options: JsonOption): Promise<void> {
  const wire = await import('@latchkey/api/wire')
  const textOf = (name: string, value: unknown) => shownText(domain.storedText(name, value))
  answer(options, wire.saved(saved), () => {
    for (const { name, from, to, until } of saved.changes) {
      const end = until === undefined ? '' : ` until ${when(until)}`
      print(clean(`${name}  ${textOf(name, from)} -> ${textOf(name, to)}${end}`))
    }
    note(
      saved.changes.length === 0
        ? `Nothing to change: revision ${saved.revision} stays.`
        : `Revision ${saved.revision}.`,
    )
  })
}

/** What `NAME=VALUE` says; the text is read by core, as that of every client. */
async function assigned(opened: Opened, assignments: string[]): Promise<Changes> {
  const changes = new Map<string, string>()
  for (const assignment of assignments) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(assignment) ?? []
    if (name === undefined || value === undefined) {
      throw misused(`${JSON.stringify(assignment)} is no NAME=VALUE, as in ACCESS_TOKEN_LIFETIME=15m.`)
    }
    insistOnSetting(opened, name)
    if (changes.has(name)) throw misused(`${name} is given twice.`)
    changes.set(name, value)
  }
  return Object.fromEntries(changes)
}

async function imported(opened: Opened, file: string, { replace }: ImportOptions): Promise<Changes> {
  const values = parsed(file, file === '-' ? await readStdin() : await readText(file))
  for (const name of Object.keys(values)) insistOnSetting(opened, name)
  if (!replace) return values
  // What is locked here cannot be stored, so there is nothing to bring back.
  const others = opened.domain
    .listSettings(opened.core)
    .settings.filter(({ name, locked }) => !locked && !(name in values))
  return { ...Object.fromEntries(others.map(({ name }) => [name, null])), ...values }
}

async function readText(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw notFound(`${file} cannot be read (${error.code}).`)
  })
}

function parsed(file: string, text: string): Changes {
  const values = asJson(text)
  if (typeof values === 'object' && values !== null && !Array.isArray(values)) return { ...values }
  throw misused(`${file === '-' ? 'What is on stdin' : file} is not a JSON object, as export prints it.`)
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @throws CommandError not found, with the name that may be meant */
function insistOnSetting({ domain }: Pick<Opened, 'domain'>, name: string): void {
  if (domain.SETTING_NAMES.some((each) => each === name)) return
  const near = nearest(name.toUpperCase(), domain.SETTING_NAMES)
  throw notFound(
    near === undefined
      ? `There is no setting ${name}. All of them: latchkey config list`
      : `There is no setting ${name}. Did you mean ${near}?`,
  )
}

async function timed(options: SetOptions): Promise<{ forSeconds?: number }> {
  return options.for === undefined ? {} : { forSeconds: await durationSeconds('--for', options.for) }
}

/** What cannot be guessed from the name. */
const withUnit = (text: string, unit: SettingView['unit']): string => (unit === 'KiB' ? `${text} KiB` : shownText(text))

function sourceOf({ source, until }: SettingView): string {
  return until === undefined ? source : `${source} until ${when(until)}`
}

function noteIgnored(settings: SettingView[]): void {
  for (const { name, ignored } of settings)
    if (ignored !== undefined) note(`The stored ${name} is not in force: ${ignored}`)
}
