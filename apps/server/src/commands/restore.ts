import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { Readable } from 'node:stream'
import type { BackupSummary } from '@latchkey/core'
import type { Command } from 'commander'
import { confirm, YES, type YesOption } from './ask.ts'
import { STDIO, told } from './backup.ts'
import { command, type JsonOption } from './define.ts'
import { failed, notFound, refused } from './exit.ts'
import { answer, note, when } from './output.ts'
import { type Opened, withCore } from './with-core.ts'

interface RestoreCommandOptions extends JsonOption, YesOption {
  replace?: boolean
  check?: boolean
}

/** `latchkey restore`. */
export function registerRestore(program: Command): void {
  command(program, 'restore', {
    summary: 'bring a backup back: all of it, or nothing',
    details:
      'The backup is checked whole first. What the database holds is replaced, in one transaction; it is refused where there are accounts, unless --replace. An empty database gets the schema first. Clients stay logged in. The root secret has to be that of the server that was backed up.',
    examples: [
      'latchkey restore latchkey.backup',
      'latchkey restore latchkey.backup --check',
      'ssh vault "cat latchkey.backup" | latchkey restore - --yes --replace',
    ],
  })
    .argument('<file>', 'the backup; - for stdin')
    .option('--replace', 'also where there are accounts: they are deleted, with all else')
    .option('--check', 'only check that it is whole and fits here; change nothing')
    .option(...YES)
    .action(async (file: string, options: RestoreCommandOptions) => {
      const from = await openBackup(file)
      await withCore((opened) => restore(opened, from, options), { schema: 'any' })
    })
}

/** Before the database is opened: a wrong name is told at once. */
async function openBackup(file: string): Promise<Readable> {
  if (file === STDIO) return process.stdin
  const handle = await open(file).catch((error: unknown) => {
    throw notFound(
      `${file} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'}).`,
    )
  })
  return handle.createReadStream()
}

async function restore(opened: Opened, from: Readable, options: RestoreCommandOptions): Promise<void> {
  const { core, domain } = opened
  let found: BackupSummary | undefined
  const restored = await domain
    .restoreBackup(core, from, {
      actor: domain.COMMAND,
      // To check it, what is there does not matter.
      replace: options.replace === true || options.check === true,
      async confirm(backup) {
        found = backup
        if (options.check) return false
        await confirm(question(backup, opened), options)
        return true
      },
    })
    .catch((error: unknown) => {
      throw error instanceof domain.UnfitBackupError ? refused(sentencesOf(error)) : causeOf(error)
    })
  if (found === undefined) return
  const { at, version, rows } = found
  answer(options, { restored: restored !== undefined, at, version, rows }, () => {
    if (restored === undefined) note(`It is whole, and can be restored here. ${contents(found)}`)
    else note(`Restored: ${told(rows)}.`)
  })
}

const sentencesOf = ({ reason, message }: { reason: string; message: string }): string =>
  reason === 'not_empty' ? `${message} If that is meant: --replace.` : message

/** What goes wrong on the way from the file to where it is checked, in a sentence. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error
  if (error.syscall === 'read') return failed(`The backup cannot be read (${String(error.code)}). Nothing was changed.`)
  return failed(
    `A copy of the backup, which is checked first, cannot be put into ${tmpdir()} (${String(error.code)}). Nothing was changed; name a folder with enough room by TMPDIR.`,
  )
}

function question(backup: BackupSummary, { database }: Opened): string {
  return `${contents(backup)} Everything in the ${database} will be replaced by it. Restore it?`
}

const contents = (backup: BackupSummary | undefined): string =>
  backup === undefined
    ? ''
    : `The backup is of ${when(backup.at)}, by Latchkey ${backup.version}: ${told(backup.rows)}.`
