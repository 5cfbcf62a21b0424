import { randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Writable } from 'node:stream'
import type { RowCounts } from '@latchkey/core'
import type { Command } from 'commander'
import { readVersion } from '../version.ts'
import { command, type JsonOption } from './define.ts'
import { CommandError, EXIT, failed, misused, refused } from './exit.ts'
import { answer, note } from './output.ts'
import { type Opened, withCore } from './with-core.ts'

/** In place of a file: stdout, or stdin. */
export const STDIO = '-'

interface BackupCommandOptions extends JsonOption {
  force?: boolean
}

/** `latchkey backup`. */
export function registerBackup(program: Command): void {
  command(program, 'backup', {
    summary: 'write a backup of all accounts, sessions, keys, settings and the audit',
    details:
      'While servers go on: it holds what was there at one moment. Keep it as secret as the database, and keep the root secret (LATCHKEY_SECRET) elsewhere: a backup is worth nothing without it.',
    examples: [
      'latchkey backup latchkey.backup',
      'latchkey backup - | ssh vault "cat > latchkey.backup"',
      'latchkey backup latchkey.backup --force --json',
    ],
  })
    .argument('<file>', 'the file to write, which only its owner can read; - for stdout')
    .option('-f, --force', 'replace the file if there is one')
    .action(backUp)
}

async function backUp(file: string, options: BackupCommandOptions): Promise<void> {
  if (file === STDIO) return await backUpToStdout(options)
  if (!options.force && existsSync(file)) throw alreadyThere(file)
  await withCore(
    async (opened) => {
      const rows = await writeFile(opened, file, options)
      const { size: bytes } = await stat(file)
      answer(options, { file, bytes, rows }, () => note(`${told(rows)} are in ${file} (${bytes} bytes).`))
    },
    { schema: 'any' },
  )
}

async function backUpToStdout({ json }: BackupCommandOptions): Promise<void> {
  if (json) throw misused('With - the backup itself goes to stdout, so there is no --json.')
  if (process.stdout.isTTY) throw misused('A backup is not for terminals: name a file, or send it on by |.')
  try {
    // Not stdout itself, which would be ended.
    const to = new Writable({ write: (chunk: Buffer, _, done) => void process.stdout.write(chunk, done) })
    await withCore(async (opened) => note(`${told(await write(opened, to))} were written.`), { schema: 'any' })
  } catch (error) {
    // For other commands it is no failure that nobody reads on.
    if (error instanceof CommandError && error.exitCode === EXIT.done) {
      throw failed('Whoever read the backup has gone: it is not whole.')
    }
    throw error
  }
}

/**
 * Writes beside the file and puts it in its place when it is whole and on the disk: under its name there is never half a
 * backup, and the one before stays until then.
 */
async function writeFile(opened: Opened, file: string, { force }: BackupCommandOptions): Promise<RowCounts> {
  const draft = `${file}.${randomBytes(6).toString('hex')}.part`
  const forget = () => rmSync(draft, { force: true })
  opened.signal.addEventListener('abort', forget)
  try {
    const rows = await writeDraft(opened, draft)
    await (force ? rename(draft, file) : renameIfNew(draft, file))
    await syncFolder(dirname(file))
    return rows
  } catch (error) {
    throw causeOf(error, file)
  } finally {
    forget()
    opened.signal.removeEventListener('abort', forget)
  }
}

/** Written out to the disk itself before it is closed: a power failure after the rename finds it whole. */
async function writeDraft(opened: Opened, draft: string): Promise<RowCounts> {
  const handle = await open(draft, 'wx', 0o600)
  try {
    return await write(opened, handle.createWriteStream({ flush: true }))
  } finally {
    await handle.close()
  }
}

async function write({ core, domain }: Opened, to: Writable): Promise<RowCounts> {
  const pending = await domain.pendingMigrations(core.db)
  if (pending.length > 0) {
    throw refused(
      `The database is not up to this version (${pending.join(', ')}): back it up with the version that it belongs to, or run \`latchkey migrate up\` first.`,
    )
  }
  return await domain.writeBackup(core, to, { actor: domain.COMMAND, version: readVersion() })
}

/** A link, unlike a rename, fails where there is a file. Not every file system has links. */
async function renameIfNew(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file)
    await rm(draft)
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || existsSync(file)) throw alreadyThere(file)
    await rename(draft, file)
  }
}

/** So that the name, too, is still there after a power failure. Not every system lets one. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

/** What goes wrong with a file, in a sentence. */
function causeOf(error: unknown, file: string): unknown {
  if (error instanceof CommandError || !(error instanceof Error) || !('syscall' in error) || !('path' in error)) {
    return error
  }
  return failed(`${file} cannot be written (${codeOf(error)}).`)
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown')

const alreadyThere = (file: string): CommandError =>
  refused(`${file} is there already: choose another name, or --force.`)

/** What is worth telling of what there is in a backup. */
export const told = ({ account, session, audit_event: events }: RowCounts): string =>
  `${counted(account, 'account')}, ${counted(session, 'session')} and ${counted(events, 'audit event')}`

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
