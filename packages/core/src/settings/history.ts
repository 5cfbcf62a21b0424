import type { ActorKind } from '../audit/origin.ts'
import type { Core } from '../core.ts'
import { decodeCursor, type Page, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, pageOf } from '../database/page.ts'
import { statement } from '../database/statement.ts'
import type { RevisionKind, StoredChange } from './revision.ts'
import { storedText } from './text.ts'

/** One changed setting, for machines and for people. In a revision null is "not set": the default was in force. */
export interface ChangeView {
  name: string
  from: unknown
  to: unknown
  fromText: string
  toText: string
  /** With a timed override: its end. */
  until?: Date
}

/** One revision, as people read it. */
export interface RevisionView {
  number: number
  at: Date
  kind: RevisionKind
  actor: ActorKind
  actorId: number | null
  /** The address of that account now; null when it was no account, or is gone. */
  actorEmail: string | null
  reason: string
  /** With a rollback: the revision that it brought back. */
  restores: number | null
  changes: ChangeView[]
}

/** Which revisions: all, or those that changed one setting. */
export interface HistoryFilter {
  limit?: number | undefined
  cursor?: string | undefined
  setting?: string | undefined
}

type Row = Omit<RevisionView, 'changes'> & { changes: StoredChange[] }

/** There are a thousand rows at most: whatever the filter, a look at all of them costs nothing. */
const HISTORY = statement<Row>(
  'settings.history',
  `select r.number, r.at, r.kind, r.actor, r.actor_id as "actorId", a.email as "actorEmail", r.reason, r.restores, r.changes
     from settings_revision as r left join account as a on a.id = r.actor_id
    where r.number < $1 and r.changes @> $2::jsonb
    order by r.number desc limit $3`,
)

const NUMBER_MAX = 2_147_483_647

/**
 * Revisions, the newest first.
 *
 * @throws LatchkeyError `invalid_input` for a cursor that is none
 */
export async function settingsHistory({ db }: Core, filter: HistoryFilter = {}): Promise<Page<RevisionView>> {
  const { cursor, setting } = filter
  const limit = Math.max(1, Math.min(filter.limit ?? PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX))
  const [before = NUMBER_MAX] = cursor === undefined ? [] : decodeCursor(cursor, ['number'])
  const changing = JSON.stringify(setting === undefined ? [] : [{ name: setting }])
  const rows = await db.many(HISTORY, [Math.max(0, Math.min(Number(before), NUMBER_MAX)), changing, limit + 1])
  return pageOf(
    rows.map((row) => ({ ...row, changes: row.changes.map(viewOf) })),
    limit,
    ({ number }) => [number],
  )
}

/** A revision may be of another version, which knew other settings or values. */
function viewOf({ name, from, to, until }: StoredChange): ChangeView {
  return {
    name,
    from,
    to,
    fromText: storedText(name, from),
    toText: storedText(name, to),
    ...(until !== undefined && { until: new Date(until) }),
  }
}
