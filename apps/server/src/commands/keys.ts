import type { Command } from 'commander'
import type { SigningKeyView } from '@latchkey/core'
import { command, group, type JsonOption } from './define.ts'
import { answer, printTable, when } from './output.ts'
import { noteNone } from './pages.ts'
import { type Opened, withCore } from './with-core.ts'

/** `latchkey keys …`. */
export function registerKeys(program: Command): void {
  const keys = group(program, 'keys', 'look at the keys that sign access tokens')
  command(keys, 'list', {
    summary: 'list signing keys, the newest first',
    details: 'An active key signs; a retiring one only checks the tokens that it has signed. Nothing secret is shown.',
    examples: ['latchkey keys list', 'latchkey keys list --json'],
  }).action((options: JsonOption) => withCore((opened) => list(opened, options)))
}

async function list({ core, domain }: Opened, options: JsonOption): Promise<void> {
  const keys = await domain.listSigningKeys(core)
  answer(options, { items: keys.map(wireKey) }, () => {
    if (noteNone(keys, 'signing keys yet: the first start makes one')) return
    printTable<SigningKeyView>(
      [
        { head: 'ID', cell: ({ id }) => id },
        { head: 'ALG', cell: ({ algorithm }) => algorithm },
        { head: 'PHASE', cell: ({ phase }) => phase },
        { head: 'CREATED', cell: ({ createdAt }) => when(createdAt) },
      ],
      keys,
    )
  })
}

/** The one view that no procedure has: only a command shows keys so far. */
function wireKey({ id, algorithm, phase, createdAt, activatedAt, retiredAt }: SigningKeyView) {
  return { id, algorithm, phase, created_at: createdAt, activated_at: activatedAt, retired_at: retiredAt }
}
