import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { ActorKind } from '../audit/origin.ts'

/**
 * All that is stored of the settings after a revision. What is not in it has its default. Perhaps a version wrote it that
 * knows more settings than this one, or other values: read it by the functions of `stored.ts`.
 */
export interface StoredSettings {
  values: Record<string, unknown>
  /** Each a {@link StoredOverride}, as far as this version can tell. */
  overrides: Record<string, unknown>
}

/** A value that ends by itself; then that of `values`, or the default, is in force again. */
export interface StoredOverride {
  value: unknown
  /** ISO 8601. */
  until: string
}

/** One setting in a revision; null is "not set", so that the default is in force. */
export interface StoredChange {
  name: string
  from: unknown
  to: unknown
  /** With a timed override: its end (ISO 8601). */
  until?: string
}

/** What makes a revision. */
const REVISION_KINDS = ['change', 'rollback', 'override_ended'] as const

/** One of these. */
export type RevisionKind = (typeof REVISION_KINDS)[number]

/** One save of the settings. Rows are only ever added; the newest one is in force. */
export const SettingsRevision = defineEntity({
  name: 'SettingsRevision',
  tableName: 'settings_revision',
  properties: {
    /** Counts from 1; only a restored backup may leave a gap. */
    number: p.integer().primary().autoincrement(false),
    at: p.datetime(),
    kind: p.enum(REVISION_KINDS),
    actor: p.text().$type<ActorKind>(),
    /** The account that saved it, where it was one. */
    actorId: p.integer().nullable(),
    /** Why, in the words of whoever saved it; may be empty. */
    reason: p.text().default(''),
    /** With a rollback: the revision whose values it brought back. */
    restores: p.integer().nullable(),
    changes: p.json<StoredChange[]>(),
    stored: p.json<StoredSettings>(),
  },
})

/** A row of {@link SettingsRevision}. */
export type SettingsRevision = InferEntity<typeof SettingsRevision>

/**
 * Which revision it is. The number alone does not say: after a failover that lost the newest one, or a restore, the next
 * save takes its number again.
 */
export interface RevisionId {
  /** 0: there is none. */
  number: number
  /** When it was made; null when there is none. */
  at: Date | null
}

/** Whether both are the same revision. */
export function isSameRevision(one: RevisionId, other: RevisionId): boolean {
  return one.number === other.number && one.at?.getTime() === other.at?.getTime()
}
