import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { AuditEventName } from './events.ts'
import type { ActorKind } from './origin.ts'

/**
 * What is worth keeping for an operator's questions. No token, selector, password or hash ever comes here.
 *
 * Rows are only ever added. The table is partitioned by month, so that old months go at once and cost nothing; what no
 * month takes falls into `audit_event_other`. Accounts and sessions are no foreign keys: an event outlives them.
 */
export const AuditEvent = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_event',
  properties: {
    id: p.bigint('number').primary(),
    at: p.datetime().primary(),
    name: p.text().$type<AuditEventName>(),
    /** Whom it concerns. */
    accountId: p.integer().nullable(),
    sessionId: p.uuid().nullable(),
    actor: p.text().$type<ActorKind>(),
    /** Who did it, where it was an account. */
    actorId: p.integer().nullable(),
    actorSessionId: p.uuid().nullable(),
    address: p.text().nullable(),
    userAgent: p.text().nullable(),
    requestId: p.text().nullable(),
    details: p.json().nullable(),
  },
})

/** A row of {@link AuditEvent}. */
export type AuditEvent = InferEntity<typeof AuditEvent>
