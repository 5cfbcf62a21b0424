import type { Command } from 'commander'
import type { Compromise, Rotation, SigningKeyView } from '@latchkey/core'
import { confirm, YES, type YesOption } from './ask.ts'
import { command, group, type JsonOption } from './define.ts'
import { misused, notFound, refused } from './exit.ts'
import { answer, note, printTable, when, whenExactly } from './output.ts'
import { noteNone } from './pages.ts'
import { type Opened, withCore } from './with-core.ts'

const REASON = ['--reason <TEXT>', 'why, for the audit'] as const

interface ReasonOption {
  reason?: string
}

/** `latchkey keys …`. */
export function registerKeys(program: Command): void {
  const keys = group(program, 'keys', 'look at the keys that sign access tokens, and change them')
  command(keys, 'list', {
    summary: 'list signing keys, the newest first',
    details:
      'A next key is published and waits, the active one signs, a retiring one only checks the tokens that it has signed. Nothing secret is shown.',
    examples: ['latchkey keys list', 'latchkey keys list --json'],
  }).action((options: JsonOption) => withCore((opened) => list(opened, options)))

  command(keys, 'rotate', {
    summary: 'let the next key sign',
    details:
      'It takes over as soon as everybody who keeps to the max-age of the JWKS knows it, on all servers at the same moment. Nobody is logged out. By itself this happens every KEY_ROTATION_INTERVAL.',
    examples: ['latchkey keys rotate --rehearse', 'latchkey keys rotate --reason "yearly drill"'],
  })
    .option('--rehearse', 'do all of it, say what would happen, and take it back', false)
    .option(...REASON)
    .action((options: RotateOptions) => withCore((opened) => rotate(opened, options)))

  command(keys, 'compromise', {
    summary: 'stop a key at once, because somebody else may have it',
    details:
      'Its tokens are refused from then on, and the next key signs. No session ends: clients refresh, and go on. Services that check tokens themselves may believe the key until their copy of the JWKS runs out.',
    examples: ['latchkey keys compromise wQ5pPoyXUeTzVnoWmLPYLJ0hzi8Lx0FJdrPUmZLyYhA --yes --reason "leaked backup"'],
  })
    .argument('<ID>', 'the id of the key, as the list shows it')
    .option(...REASON)
    .option(...YES)
    .action((id: string, options: CompromiseOptions) => withCore((opened) => compromise(opened, id, options)))

  command(keys, 'reseal', {
    summary: 'seal all keys under a new root secret',
    details:
      'LATCHKEY_SECRET is the new one, LATCHKEY_SECRET_PREVIOUS the one before. Refuses while an instance does not know the new one. Says how many sessions still depend on the one before: it can be forgotten once there are none. How to change it without logging anybody out: docs/keys.md',
    examples: ['latchkey keys reseal'],
  }).action((options: JsonOption) => withCore((opened) => reseal(opened, options)))
}

interface RotateOptions extends JsonOption, ReasonOption {
  rehearse: boolean
}

interface CompromiseOptions extends JsonOption, ReasonOption, YesOption {}

async function list({ core, domain }: Opened, options: JsonOption): Promise<void> {
  const keys = await domain.listSigningKeys(core)
  const wire = await import('@latchkey/api/wire')
  answer(options, { items: keys.map(wire.signingKey) }, () => {
    if (noteNone(keys, 'signing keys yet: the first start makes one')) return
    printTable<SigningKeyView>(
      [
        { head: 'ID', cell: ({ id }) => id },
        { head: 'ALG', cell: ({ algorithm }) => algorithm },
        { head: 'PHASE', cell: ({ phase }) => phase },
        { head: 'UNTIL', cell: (key) => shownOrDash(endOfPhase(key)) },
      ],
      keys,
    )
  })
}

/** When the phase of a key ends, as far as it is known. */
function endOfPhase({ phase, signsFrom, signsUntil, publishedUntil }: SigningKeyView): Date | null {
  return { next: signsFrom, active: signsUntil, retiring: publishedUntil }[phase]
}

const shownOrDash = (time: Date | null): string => (time === null ? '-' : when(time))

async function rotate({ core, domain }: Opened, options: RotateOptions): Promise<void> {
  const { rehearse, reason } = options
  const rotation = await domain.rotateKeys(core, { actor: domain.COMMAND, rehearse, reason })
  const wire = await import('@latchkey/api/wire')
  answer(options, { ...wire.keyRotation(rotation), rehearsed: rehearse }, () => {
    for (const line of rotationLines(rotation, rehearse)) note(line)
  })
}

function rotationLines({ from, to, at, publishedUntil, decidedBefore }: Rotation, rehearsed: boolean): string[] {
  const verb = rehearsed ? 'would sign' : 'signs'
  return [
    ...(rehearsed ? ['Rehearsed: nothing was changed.'] : []),
    ...(decidedBefore ? ['This was decided before.'] : []),
    `Key ${to} ${verb} from ${whenExactly(at)} on, in place of ${from}.`,
    `Tokens of the old key are accepted, and it is published, until ${whenExactly(publishedUntil)}.`,
  ]
}

async function compromise({ core, domain }: Opened, id: string, options: CompromiseOptions): Promise<void> {
  const key = (await domain.listSigningKeys(core)).find((each) => each.id === id)
  if (key === undefined) throw notFound(`There is no signing key ${id}.`)
  await confirm(`Stop key ${id} (${key.algorithm}, ${key.phase})? Its access tokens are refused at once.`, options)
  const { reason } = options
  const done = await domain.compromiseKey(core, id, { actor: domain.COMMAND, reason })
  const wire = await import('@latchkey/api/wire')
  answer(options, wire.keyCompromise(done), () => {
    for (const line of compromiseLines(done)) note(line)
  })
}

function compromiseLines({ id, phase, signing, sessions, believedElsewhereUntil }: Compromise): string[] {
  const holders = sessions === null ? 'More sessions than can be counted quickly' : `${sessions} live sessions`
  return [
    `Key ${id} is stopped: no access token of it is accepted here any more. Key ${signing} signs.`,
    ...(phase === 'next' ? [] : [`${holders} may have held one. They go on: their clients refresh.`]),
    `Services that check tokens themselves may believe it until ${whenExactly(believedElsewhereUntil)}.`,
  ]
}

async function reseal({ core, domain, environment }: Opened, options: JsonOption): Promise<void> {
  if (environment.previousSecret === undefined)
    throw misused('LATCHKEY_SECRET_PREVIOUS is not set: it has to be the root secret before this one.')
  const unaware = await domain.instancesWithoutSecret(core)
  if (unaware.length > 0)
    throw refused(
      `These instances do not know the new root secret, and would log people out: ${unaware.join(', ')}. Nothing was changed; start them with both secrets first.`,
    )
  const keys = await domain.resealKeys(core, domain.COMMAND)
  const sessions = await domain.countSessionsUnderOtherKeys(core)
  answer(options, { keys, sessions_under_previous: sessions }, () => {
    note(`${keys} signing keys were sealed anew.`)
    note(
      sessions === 0
        ? 'No live session depends on the previous secret: LATCHKEY_SECRET_PREVIOUS can be taken away.'
        : `${sessions} live sessions still depend on the previous secret. Each moves at its next refresh; keep LATCHKEY_SECRET_PREVIOUS until there are none.`,
    )
  })
}
