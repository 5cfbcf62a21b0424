import type { Command } from 'commander'
import { setTimeout as delay } from 'node:timers/promises'
import type { AuditEventView, AuditFilter } from '@latchkey/core'
import { nearest } from '../nearest.ts'
import { findAccount } from './accounts.ts'
import { command, group, type JsonOption } from './define.ts'
import { notFound } from './exit.ts'
import { clean, lineWidth, print, whenExactly } from './output.ts'
import { instant, wholeNumber } from './parse.ts'
import { type Opened, withCore } from './with-core.ts'

const LINES_MAX = 100_000
const PAGE = 200
/** Milliseconds between two looks for what is new. */
const LOOK_AGAIN_MS = 1000
/** An event is stamped before its transaction commits: so far behind the newest one another may still turn up. */
const LATE_MS = 10_000

/** `latchkey audit …`. */
export function registerAudit(program: Command): void {
  const audit = group(program, 'audit', 'read what has happened')
  command(audit, 'tail', {
    summary: 'print the newest audit events, the newest last',
    details: 'With --json each event is one line (JSON Lines).',
    examples: [
      'latchkey audit tail',
      'latchkey audit tail -f --name user.login.failed',
      'latchkey audit tail -n 1000 --user user@example.com --since 2d --json',
    ],
  })
    .option('-n, --lines <N>', 'how many', wholeNumber(0, LINES_MAX), 20)
    .option('-f, --follow', 'go on with what happens from now on, until stopped')
    .option('--name <EVENT>', 'only this event, as user.login.failed')
    .option('--user <USER>', 'only what concerns this account: its id or e-mail address')
    .option('--actor <USER>', 'only what this account did as an admin')
    .option('--address <IP>', 'only what came from this address')
    .option('--since <TIME>', 'only what happened since then: a time, or 2h for two hours ago')
    .option('--until <TIME>', 'only what happened before then')
    .action((options: TailOptions) => withCore((opened) => tail(opened, options)))
}

interface TailOptions extends JsonOption {
  lines: number
  follow?: boolean
  name?: string
  user?: string
  actor?: string
  address?: string
  since?: string
  until?: string
}

async function tail(opened: Opened, options: TailOptions): Promise<void> {
  const filter = await filterOf(opened, options)
  const wire = await import('@latchkey/api/wire')
  const show = (event: AuditEventView) => print(options.json ? JSON.stringify(wire.auditEvent(event)) : lineOf(event))
  const wanted = { count: options.lines, coveredMs: options.follow ? LATE_MS : 0 }
  const known = options.lines > 0 || options.follow ? await newestEvents(opened, filter, wanted) : []
  for (const event of known.slice(Math.max(known.length - options.lines, 0))) show(event)
  if (options.follow) await follow(opened, filter, known, show)
}

async function filterOf(opened: Opened, options: TailOptions): Promise<AuditFilter> {
  const { name, user, actor, address, since, until } = options
  return {
    ...(name !== undefined && { name: insistOnEvent(opened, name) }),
    ...(user !== undefined && { accountId: (await findAccount(opened, user)).id }),
    ...(actor !== undefined && { actorId: (await findAccount(opened, actor)).id }),
    ...(address !== undefined && { address }),
    ...(since !== undefined && { from: await instant('--since', since) }),
    ...(until !== undefined && { to: await instant('--until', until) }),
  }
}

/** The newest so many, the newest last; and, however many these are, all that are hardly older than the newest. */
async function newestEvents(
  opened: Opened,
  filter: AuditFilter,
  { count, coveredMs }: { count: number; coveredMs: number },
): Promise<AuditEventView[]> {
  const events: AuditEventView[] = []
  const isCovered = () => {
    const [newest, oldest] = [events[0], events.at(-1)]
    return newest !== undefined && oldest !== undefined && newest.at.getTime() - oldest.at.getTime() >= coveredMs
  }
  const limit = coveredMs > 0 ? PAGE : Math.min(PAGE, count)
  for await (const page of pages(opened, { ...filter, limit })) {
    events.push(...page)
    if (events.length >= count && isCovered()) break
  }
  return events.toReversed()
}

/** The events of a filter, page by page. */
async function* pages({ core, domain }: Opened, filter: AuditFilter): AsyncGenerator<AuditEventView[]> {
  for (let cursor: string | undefined; ; ) {
    const page = await domain.listAuditEvents(core, { ...filter, ...(cursor !== undefined && { cursor }) })
    yield page.items
    cursor = page.next
    if (cursor === undefined) return
  }
}

/**
 * Looks once a second for what is new. Each look begins a little before the newest event that is known, because events
 * become visible when their transactions commit, which is not the order of their times; what was shown is remembered.
 */
async function follow(
  opened: Opened,
  filter: AuditFilter,
  known: AuditEventView[],
  show: (event: AuditEventView) => void,
): Promise<void> {
  const seen = new Map(known.map(({ id, at }) => [id, at]))
  // Without an event to start from everything is new.
  let from = filter.from
  for (;;) {
    const newest = [...seen.values()].reduce((latest, at) => (at > latest ? at : latest), new Date(0))
    if (seen.size > 0) from = new Date(newest.getTime() - LATE_MS)
    for (const [id, at] of seen) if (from !== undefined && at < from) seen.delete(id)
    await delay(LOOK_AGAIN_MS, undefined, { signal: opened.signal })
    const since: AuditFilter = { ...filter, order: 'oldest', limit: PAGE, ...(from !== undefined && { from }) }
    for await (const page of pages(opened, since)) {
      for (const event of page.filter(({ id }) => !seen.has(id))) {
        seen.set(event.id, event.at)
        show(event)
      }
    }
  }
}

const NAME_WIDTH = 24

/** Who did it, where that has to be said: owners act for themselves. */
const BY: Partial<Record<AuditEventView['actor'], string>> = { command: 'by a command', system: 'by itself' }

/** One line: when, what, whom it concerns, by whom, from where, and what else there is. */
function lineOf(event: AuditEventView): string {
  const { at, name, email, accountId, actor, actorEmail, address, details } = event
  const whom = email ?? (accountId === null ? undefined : `user ${accountId}`)
  const parts = [
    whom,
    actor === 'admin' ? `by ${actorEmail ?? 'an admin'}` : BY[actor],
    address === null ? undefined : `from ${address}`,
    details === null || details === undefined ? undefined : JSON.stringify(details),
  ]
  return cut(clean([whenExactly(at), name.padEnd(NAME_WIDTH), ...parts.filter(Boolean)].join('  ')))
}

/** At a terminal an event has one line; in a pipe nothing is cut. */
function cut(line: string): string {
  const width = lineWidth()
  return line.length > width ? `${line.slice(0, width - 1)}…` : line
}

function insistOnEvent({ domain }: Opened, name: string) {
  const event = domain.AUDIT_EVENT_NAMES.find((each) => each === name)
  if (event !== undefined) return event
  const near = nearest(name, domain.AUDIT_EVENT_NAMES)
  throw notFound(
    near === undefined
      ? `There is no event ${name}. All of them: ${domain.AUDIT_EVENT_NAMES.join(', ')}`
      : `There is no event ${name}. Did you mean ${near}?`,
  )
}
