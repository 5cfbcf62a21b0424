import { type Command, Option } from 'commander'
import type { SessionView } from '@latchkey/core'
import { findAccount } from './accounts.ts'
import { confirm, YES, type YesOption } from './ask.ts'
import { command, group, type JsonOption } from './define.ts'
import { notFound } from './exit.ts'
import { answer, note, printTable, when } from './output.ts'
import { noteNext, noteNone, type PageOptions, pageOf, withPages } from './pages.ts'
import { type Opened, withCore } from './with-core.ts'

/** `latchkey sessions …`. */
export function registerSessions(program: Command): void {
  const sessions = group(program, 'sessions', 'look at sessions and end them')

  withPages(
    command(sessions, 'list', {
      summary: 'list sessions, the newest first',
      details: 'More of each, as address and device, is in --json.',
      examples: [
        'latchkey sessions list',
        'latchkey sessions list --user user@example.com --state live',
        'latchkey sessions list --state replayed --json',
      ],
    }),
  )
    .option('--user <USER>', 'only those of this account: its id or e-mail address')
    .addOption(
      new Option('--state <STATE>', 'only those in this state; expired ones are in none').choices([
        'live',
        'ended',
        'replayed',
      ]),
    )
    .action((options: ListOptions) => withCore((opened) => list(opened, options)))

  command(sessions, 'revoke', {
    summary: 'end one session',
    examples: ['latchkey sessions revoke 0b0f4f6e-6f0e-4a43-9a3f-0f5a1f1c7d20 --yes'],
  })
    .argument('<ID>', 'the id of the session, as the list shows it')
    .option(...YES)
    .action((id: string, options: JsonOption & YesOption) => withCore((opened) => end(opened, id, options)))
}

interface ListOptions extends JsonOption, PageOptions {
  user?: string
  state?: 'live' | 'ended' | 'replayed'
}

async function list(opened: Opened, options: ListOptions): Promise<void> {
  const { core, domain } = opened
  const { user, state } = options
  const sessions = await domain.listSessions(core, {
    ...pageOf(options),
    ...(user !== undefined && { accountId: (await findAccount(opened, user)).id }),
    ...(state !== undefined && { state }),
  })
  const wire = await import('@latchkey/api/wire')
  answer(options, wire.page(sessions, wire.session), () => {
    if (noteNone(sessions.items, 'sessions')) return
    printTable<SessionView>(
      [
        { head: 'ID', cell: ({ id }) => id },
        { head: 'E-MAIL', cell: ({ email }) => email, shrinks: true },
        { head: 'LAST USED', cell: ({ lastUsedAt }) => when(lastUsedAt) },
        { head: 'STATE', cell: stateOf },
      ],
      sessions.items,
    )
    noteNext(sessions)
  })
}

function stateOf({ endedAt, endReason, expiresAt }: SessionView): string {
  if (endedAt !== null) return endReason ?? 'ended'
  return expiresAt.getTime() > Date.now() ? 'live' : 'expired'
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

async function end({ core, domain }: Opened, id: string, options: JsonOption & YesOption): Promise<void> {
  const none = `There is no live session ${id}.`
  if (!UUID.test(id)) throw notFound(none)
  await confirm(`End session ${id}?`, options)
  try {
    await domain.endSession(core, id, domain.COMMAND)
  } catch (error) {
    if (error instanceof domain.LatchkeyError && error.code === 'not_found') throw notFound(none)
    throw error
  }
  answer(options, { id, ended: true }, () => note(`Session ${id} has ended.`))
}
